//! Unpacking `.tgz` archives into memory, within bounds.

use std::io::Read;
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::error::LoadError;
use crate::chart::model::File;

/// How much an archive may hold. The defaults are Helm's, where Helm has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together, archives inside the archive included.
    pub total_bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files and folders.
    pub entries: usize,
    /// Charts inside charts.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total_bytes: 100 << 20, file_bytes: 5 << 20, entries: 50_000, depth: 16 }
    }
}

/// The files of a chart archive, without the name of its outer folder.
///
/// `limits` is charged for what is unpacked, so that several archives can share one budget.
pub fn unpack(bytes: &[u8], limits: &mut Limits) -> Result<Vec<File>, LoadError> {
    let total = limits.total_bytes;
    // Headers, padding and long names come on top of the files: twice the budget bounds the stream as such.
    let stream = MultiGzDecoder::new(bytes).take(total.saturating_mul(2).saturating_add(1 << 20));
    let mut archive = tar::Archive::new(stream);
    let mut files = Vec::new();
    for entry in archive.entries().map_err(not_an_archive)? {
        let mut entry = entry.map_err(not_an_archive)?;
        limits.entries = limits.entries.checked_sub(1).ok_or(LoadError::TooManyEntries(files.len()))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::XGlobalHeader | EntryType::XHeader => continue,
            kind if kind.is_dir() || name.ends_with('/') => continue,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {}
            kind => return Err(LoadError::NotAFile { name, kind: describe(kind) }),
        }
        let inner = inner_name(&name)?;
        let size = entry.size();
        if size > limits.file_bytes {
            return Err(LoadError::FileTooLarge { name, limit: limits.file_bytes });
        }
        if size > limits.total_bytes {
            return Err(LoadError::TooLarge(total));
        }
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        entry.by_ref().take(limits.file_bytes).read_to_end(&mut data).map_err(not_an_archive)?;
        limits.total_bytes = limits.total_bytes.saturating_sub(data.len() as u64);
        if (data.len() as u64) < size || limits.total_bytes == 0 {
            return Err(LoadError::TooLarge(total));
        }
        files.push(File { name: inner, data: without_mark(data).into() });
    }
    if files.is_empty() { Err(LoadError::Empty) } else { Ok(files) }
}

/// A UTF-8 byte order mark at the start of a file is dropped, as Helm drops it.
pub fn without_mark(mut data: Vec<u8>) -> Vec<u8> {
    if data.starts_with(b"\xEF\xBB\xBF") {
        data.drain(..3);
    }
    data
}

fn not_an_archive(error: std::io::Error) -> LoadError {
    LoadError::NotAnArchive(error.to_string())
}

fn describe(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink => "the symbolic link",
        EntryType::Link => "the hard link",
        EntryType::Char | EntryType::Block => "the device",
        EntryType::Fifo => "the pipe",
        _ => "the special entry",
    }
}

/// The name inside the chart's folder, cleaned, or why it is not allowed.
fn inner_name(name: &str) -> Result<String, LoadError> {
    // Archives written on Windows separate with backslashes.
    let name_owned;
    let slashed = if name.contains('\\') {
        name_owned = name.replace('\\', "/");
        name_owned.as_str()
    } else {
        name
    };
    let (base, inner) = slashed.split_once('/').unwrap_or((slashed, ""));
    if inner.starts_with('/') {
        return Err(LoadError::OutsideBase(name.to_owned()));
    }
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(inner).components() {
        match component {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::CurDir => {}
            // Going up is allowed as long as it stays inside the folder.
            Component::ParentDir if parts.pop().is_some() => {}
            _ => return Err(LoadError::OutsideBase(name.to_owned())),
        }
    }
    if base == "Chart.yaml" {
        return Err(LoadError::NoBaseDirectory);
    }
    if parts.is_empty() {
        return Err(LoadError::OutsideBase(name.to_owned()));
    }
    let drive = parts[0].as_bytes();
    if parts.len() > 1 && drive.len() == 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':' {
        return Err(LoadError::IllegalName(name.to_owned()));
    }
    Ok(parts.join("/"))
}
