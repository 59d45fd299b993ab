//! The cache: archives and indexes by their digest, and notes on what a name stood for when it was seen.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::FetchError;

/// A folder of fetched things. Several processes may use it at once.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// A cache below `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The bytes with this digest, if they are here and still have it.
    pub fn bytes(&self, digest: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.blob_path(digest)?).ok()?;
        (digest_of(&bytes) == digest).then_some(bytes)
    }

    /// Keeps `bytes`; their digest.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, FetchError> {
        let digest = digest_of(bytes);
        if let Some(path) = self.blob_path(&digest) {
            write_whole(&path, bytes)?;
        }
        Ok(digest)
    }

    /// What was noted under `name`.
    pub fn note(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.note_path(name)).ok()
    }

    /// Notes `text` under `name`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn set_note(&self, name: &str, text: &str) -> Result<(), FetchError> {
        write_whole(&self.note_path(name), text.as_bytes())
    }

    fn blob_path(&self, digest: &str) -> Option<PathBuf> {
        let hex =
            digest.strip_prefix("sha256:").filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        Some(self.root.join("sha256").join(hex))
    }

    fn note_path(&self, name: &str) -> PathBuf {
        let digest = digest_of(name.as_bytes());
        self.root.join("names").join(digest.trim_start_matches("sha256:"))
    }
}

/// `sha256:` and the digest in hexadecimal.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Writes a file so that a reader sees all of it or none.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let failed = |source| FetchError::Disk { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_by_digest_and_checked_when_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let digest = cache.keep(b"chart").unwrap();
        assert_eq!(cache.bytes(&digest).unwrap(), b"chart");
        fs::write(folder.path().join("sha256").join(&digest[7..]), b"other").unwrap();
        assert_eq!(cache.bytes(&digest), None);
        assert_eq!(cache.bytes("sha256:../../etc/passwd"), None);
        cache.set_note("a/b", "x").unwrap();
        assert_eq!(cache.note("a/b").as_deref(), Some("x"));
        assert_eq!(cache.note("a"), None);
    }
}
