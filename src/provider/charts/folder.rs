//! Reading a chart's folder or archive from disk.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::FetchError;
use crate::chart::load::{self, IgnoreRules, Limits, without_mark};
use crate::chart::{Chart, Content, File};

/// Loads the chart at `path`: a folder, or a `.tgz` file. What a folder only shows to templates is read when they look.
///
/// # Errors
/// Nothing there, nothing readable, or no chart.
pub fn load_path(path: &Path) -> Result<Chart, FetchError> {
    let failed = |source| FetchError::Disk { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(failed)?;
    let loaded = if metadata.is_dir() {
        load::from_files(walk(path, load::is_only_shown)?)
    } else {
        let bytes = fs::read(path).map_err(failed)?;
        if !bytes.starts_with(b"\x1f\x8b") {
            return Err(FetchError::NotAChart(path.to_owned()));
        }
        load::from_archive(&bytes)
    };
    loaded.map_err(|source| FetchError::Load { chart: path.display().to_string(), source })
}

/// The files of a chart's folder, without those its `.helmignore` leaves out.
///
/// Symbolic links are followed as long as they stay inside the folder; a link that leads outside is an
/// error, so that a chart cannot show what is not its own.
///
/// # Errors
/// What cannot be read, and what is no file.
pub fn read_folder(folder: &Path) -> Result<Vec<File>, FetchError> {
    walk(folder, |_| false)
}

/// As [`read_folder`]; those for which `is_later` holds are read when somebody looks at them.
fn walk(folder: &Path, is_later: fn(&str) -> bool) -> Result<Vec<File>, FetchError> {
    let root =
        folder.canonicalize().map_err(|source| FetchError::Disk { path: folder.to_owned(), source })?;
    if !root.join("Chart.yaml").exists() {
        let chart = folder.display().to_string();
        return Err(FetchError::Load { chart, source: load::LoadError::NoMetadata });
    }
    let rules = match fs::read(root.join(".helmignore")) {
        Ok(text) => IgnoreRules::parse(&String::from_utf8_lossy(&text))
            .map_err(|source| FetchError::Load { chart: folder.display().to_string(), source })?,
        Err(_) => IgnoreRules::default(),
    };
    let limits = Limits::default();
    let mut walk = Walk { left: limits.total_bytes, limits, root, rules, is_later, files: Vec::new() };
    let root = walk.root.clone();
    walk.folder(&root, "", 0)?;
    Ok(walk.files)
}

/// Levels of folders; more means links that lead in circles.
const MAX_DEPTH: usize = 40;

struct Walk {
    root: PathBuf,
    rules: IgnoreRules,
    limits: Limits,
    left: u64,
    is_later: fn(&str) -> bool,
    files: Vec<File>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, inside: &str, depth: usize) -> Result<(), FetchError> {
        if depth > MAX_DEPTH {
            return Err(FetchError::Circular(folder.to_owned()));
        }
        let failed = |source| FetchError::Disk { path: folder.to_owned(), source };
        let mut names = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>, _>>())
            .map_err(failed)?;
        names.sort();
        for name in names {
            let path = folder.join(&name);
            let name = name.to_string_lossy();
            let inside = if inside.is_empty() { name.into_owned() } else { format!("{inside}/{name}") };
            self.entry(path, inside, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: PathBuf, inside: String, depth: usize) -> Result<(), FetchError> {
        let failed = |source| FetchError::Disk { path: path.clone(), source };
        let mut metadata = fs::symlink_metadata(&path).map_err(failed)?;
        let mut real = path.clone();
        if metadata.is_symlink() {
            // A link that is left out anyway may lead anywhere, or nowhere.
            let target_is_folder = fs::metadata(&path).is_ok_and(|target| target.is_dir());
            if self.rules.ignores(&inside, target_is_folder) {
                return Ok(());
            }
            real = path.canonicalize().map_err(failed)?;
            if !real.starts_with(&self.root) {
                return Err(FetchError::LinkOutside { link: path, target: real });
            }
            metadata = fs::metadata(&real).map_err(failed)?;
        }
        if self.rules.ignores(&inside, metadata.is_dir()) {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.folder(&real, &inside, depth + 1);
        }
        if !metadata.is_file() {
            return Err(FetchError::Irregular(path));
        }
        if metadata.len() > self.limits.file_bytes {
            return Err(FetchError::FileTooLarge { path, limit: self.limits.file_bytes });
        }
        self.left = self.left.saturating_sub(metadata.len());
        if self.left == 0 || self.files.len() >= self.limits.entries {
            return Err(FetchError::FolderTooLarge(self.root.clone()));
        }
        let data = if (self.is_later)(&inside) {
            // That it can be read is made sure of now.
            fs::File::open(&real).map_err(failed)?;
            Content::later(move || fs::read(&real).map(without_mark))
        } else {
            without_mark(fs::read(&real).map_err(failed)?).into()
        };
        self.files.push(File { name: inside, data });
        Ok(())
    }
}
