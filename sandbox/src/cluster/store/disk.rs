//! The objects on disk: one log of all changes, written anew when most of it is outdated.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::key::Key;

/// The version of the file.
const FORMAT: u32 = 1;

/// The log is not made shorter below this many lines.
const SHORT: usize = 2_000;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct Line<O> {
    revision: u64,
    key: Key,
    object: Option<O>,
}

/// The log of a cluster.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    file: File,
    lines: usize,
}

type Objects = BTreeMap<Key, Rc<Value>>;

impl Disk {
    /// Opens the log in a folder and reads what it has. A torn last line was never answered, and is cut off.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Objects, u64)> {
        fs::create_dir_all(folder)?;
        let path = folder.join("objects.jsonl");
        let (mut objects, mut revision, mut lines) = (Objects::new(), 0, 0);
        if path.exists() {
            let (mut reader, mut whole) = (BufReader::new(File::open(&path)?), 0_u64);
            loop {
                let mut line = Vec::new();
                let length = reader.read_until(b'\n', &mut line)?;
                if length == 0 || line.last() != Some(&b'\n') {
                    break;
                }
                match lines {
                    0 => check(&line)?,
                    _ => revision = take(&line, &mut objects)?,
                }
                lines += 1;
                whole += length as u64;
            }
            OpenOptions::new().write(true).open(&path)?.set_len(whole)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        if lines == 0 {
            file.write_all(&line_of(&Header { format: FORMAT })?)?;
            lines = 1;
        }
        Ok((Self { path, file, lines }, objects, revision))
    }

    /// Writes a change down: one write, so that what the kernel has survives the death of the process.
    pub(super) fn append(&mut self, revision: u64, key: &Key, object: Option<&Value>) -> io::Result<()> {
        self.file.write_all(&line_of(&Line { revision, key: key.clone(), object })?)?;
        self.lines += 1;
        Ok(())
    }

    /// Writes the log anew when most of its lines are outdated.
    pub(super) fn tidy(&mut self, objects: &Objects, revision: u64) -> io::Result<()> {
        if self.lines < SHORT || self.lines < objects.len() * 4 {
            return Ok(());
        }
        let temporary = self.path.with_extension("tmp");
        let mut text = line_of(&Header { format: FORMAT })?;
        for (key, object) in objects {
            let object = Some(object.as_ref());
            text.extend(line_of(&Line { revision, key: key.clone(), object })?);
        }
        let mut file = File::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.lines = objects.len() + 1;
        Ok(())
    }
}

fn line_of(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

fn check(line: &[u8]) -> io::Result<()> {
    let header: Header = serde_json::from_slice(line).map_err(io::Error::other)?;
    if header.format == FORMAT {
        return Ok(());
    }
    Err(io::Error::other(format!("the cluster's log has format {}, this is {FORMAT}", header.format)))
}

fn take(line: &[u8], objects: &mut Objects) -> io::Result<u64> {
    let line: Line<Value> = serde_json::from_slice(line).map_err(io::Error::other)?;
    match line.object {
        Some(object) => objects.insert(line.key, Rc::new(object)),
        None => objects.remove(&line.key),
    };
    Ok(line.revision)
}
