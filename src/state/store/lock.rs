//! The lock on an environment's state.
//!
//! A file with its owner in it, held by `flock`: the system frees it when its owner dies, however it dies. The
//! owner's description stays in the file, so that a file system without working locks (some network ones)
//! still shows a lock of another host, which only `unlock` frees.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::Error;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The user's name.
    pub user: String,
    /// The host's name.
    pub host: String,
    /// The process id on that host.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
    /// What it is doing, as typed.
    pub command: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, pid, since, command } = self;
        write!(f, "{user}@{host}, process {pid}, since {since:.0}: {command}")
    }
}

/// A held lock; freed when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    freed: Option<Owner>,
}

impl Lock {
    /// Takes the lock. A dead owner's lock on this host is taken over, and told by [`Lock::freed`].
    pub(super) fn take(path: &Path, environment: &str, owner: &Owner) -> Result<Self, Error> {
        let failed = |what| move |source| Error::File { what, path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false).open(path);
        let mut file = opened.map_err(failed("cannot open the lock"))?;
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
        let before = read(&mut file).map_err(failed("cannot read the lock"))?;
        let held = |owner: Option<Owner>| Error::Locked {
            environment: environment.to_owned(),
            owner: Box::new(owner.unwrap_or_else(unknown)),
        };
        if !locked {
            return Err(held(before));
        }
        match &before {
            Some(other) if other.host != owner.host => return Err(held(before)),
            _ => {}
        }
        write(&mut file, owner).map_err(failed("cannot write the lock"))?;
        Ok(Self { file, path: path.to_owned(), freed: before })
    }

    /// The dead owner whose lock was taken over.
    pub(super) fn freed(&self) -> Option<&Owner> {
        self.freed.as_ref()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Emptied, not removed: a removed file could be locked by one and made anew by another at once.
        if self.file.set_len(0).is_err() {
            tracing::warn!(path = %self.path.display(), "the lock could not be emptied");
        }
    }
}

/// Who is written down as holding the lock, whether that process lives or not.
pub(super) fn owner(path: &Path) -> Result<Option<Owner>, Error> {
    match File::open(path) {
        Ok(mut file) => read(&mut file).map_err(|source| Error::File {
            what: "cannot read the lock",
            path: path.to_owned(),
            source,
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { what: "cannot open the lock", path: path.to_owned(), source }),
    }
}

fn unknown() -> Owner {
    let (user, host, command) = ("somebody".to_owned(), "unknown".to_owned(), "unknown".to_owned());
    Owner { user, host, pid: 0, since: Timestamp::UNIX_EPOCH, command }
}

fn read(file: &mut File) -> std::io::Result<Option<Owner>> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    // A crash between creating and writing leaves it empty or cut: no owner.
    Ok(serde_json::from_str(&text).ok())
}

fn write(file: &mut File, owner: &Owner) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(owner).map_err(std::io::Error::other)?;
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
