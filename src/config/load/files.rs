//! Where files come from: a folder, or memory.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// A folder of environment files.
pub trait Files {
    /// A file's bytes, by its name without `.toml`.
    ///
    /// # Errors
    /// As reading a file does; `NotFound` when there is none of that name.
    fn read(&self, stem: &str) -> io::Result<Vec<u8>>;

    /// The names of all files, without `.toml`, in order.
    ///
    /// # Errors
    /// As listing a folder does.
    fn stems(&self) -> io::Result<Vec<String>>;

    /// A file's path as people know it.
    fn path(&self, stem: &str) -> String;

    /// Whether there is a Cargo package at a path, which is relative to the folder that holds this one; `None` where
    /// there is no such folder.
    fn has_package(&self, path: &str) -> Option<bool> {
        let _nothing_else_is_there = path;
        None
    }

    /// The bytes of another file, by its path from this folder.
    ///
    /// # Errors
    /// As reading a file does.
    fn read_beside(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The path of another file as people know it.
    fn path_beside(&self, path: &str) -> String;
}

/// A folder on the disk.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder that holds `dev.toml` and the like.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Files for Folder {
    fn read(&self, stem: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(format!("{stem}.toml")))
    }

    fn stems(&self) -> io::Result<Vec<String>> {
        let mut stems = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            stems.extend(name.to_str().and_then(|name| name.strip_suffix(".toml")).map(str::to_owned));
        }
        stems.sort();
        Ok(stems)
    }

    fn path(&self, stem: &str) -> String {
        let path = self.0.join(format!("{stem}.toml"));
        path.strip_prefix(".").unwrap_or(&path).display().to_string()
    }

    fn has_package(&self, path: &str) -> Option<bool> {
        Some(self.0.join("..").join(path).join("Cargo.toml").is_file())
    }

    fn read_beside(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn path_beside(&self, path: &str) -> String {
        let path = self.0.join(path);
        path.strip_prefix(".").unwrap_or(&path).display().to_string()
    }
}

/// Files that are not on any disk; those with a dot in their name are no environments, but stand beside them.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<String, Vec<u8>>);

impl<K: Into<String>, V: Into<Vec<u8>>> FromIterator<(K, V)> for Memory {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(files: I) -> Self {
        Self(files.into_iter().map(|(stem, bytes)| (stem.into(), bytes.into())).collect())
    }
}

impl Files for Memory {
    fn read(&self, stem: &str) -> io::Result<Vec<u8>> {
        self.0.get(stem).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stems(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().filter(|name| !name.contains('.')).cloned().collect())
    }

    fn path(&self, stem: &str) -> String {
        format!("environments/{stem}.toml")
    }

    fn read_beside(&self, path: &str) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    fn path_beside(&self, path: &str) -> String {
        format!("environments/{path}")
    }
}
