//! Bytes too large for the world: image layers, S3 objects. Kept by their SHA-256 digest, in files when the
//! sandbox has a folder, else in memory. The world holds the digests only.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// A store of bytes by digest.
#[derive(Debug, Default)]
pub struct Blobs {
    folder: Option<PathBuf>,
    memory: HashMap<String, Bytes>,
}

impl Blobs {
    /// A store in memory.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A store in a folder, which is made if it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(folder: PathBuf) -> std::io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder: Some(folder), memory: HashMap::new() })
    }

    /// Keeps bytes and gives their digest in hexadecimal (without `sha256:`).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&mut self, bytes: &Bytes) -> std::io::Result<String> {
        let digest = hex_digest(bytes);
        match &self.folder {
            None => {
                self.memory.insert(digest.clone(), bytes.clone());
            }
            Some(folder) => {
                let path = folder.join(&digest);
                if !path.exists() {
                    // A temporary name first: a file of a digest's name is always whole.
                    let temporary = folder.join(format!("{digest}.part"));
                    let mut file = fs::File::create(&temporary)?;
                    file.write_all(bytes)?;
                    fs::rename(&temporary, &path)?;
                }
            }
        }
        Ok(digest)
    }

    /// The bytes of a digest.
    pub fn get(&self, digest: &str) -> Option<Bytes> {
        match &self.folder {
            None => self.memory.get(digest).cloned(),
            Some(folder) => fs::read(folder.join(digest)).ok().map(Bytes::from),
        }
    }

    /// Forgets everything for which `keep` does not hold.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.memory.retain(|digest, _| keep(digest));
        let Some(entries) = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else { return };
        for entry in entries.flatten() {
            if !entry.file_name().to_str().is_some_and(&keep) {
                // A file that cannot be removed costs space only.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The SHA-256 of bytes in hexadecimal.
pub fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
