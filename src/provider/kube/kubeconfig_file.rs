//! The kubeconfig of a person, changed as `kubectl` changes it: locked, and replaced as a whole.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::kubeconfig::{Entry, KubeconfigError, merge};

/// Why the file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read, written or replaced.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else is at it, or died at it.
    #[error("{} is there: another program changes the kubeconfig, or died while it did", .0.display())]
    Locked(PathBuf),
    /// What is in it does not allow it.
    #[error("{} stays as it is", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KubeconfigError,
    },
}

/// Puts an entry into a kubeconfig, which is made if there is none, and tells whether it changed. Where the file has
/// comments, which are not kept, its former text is put beside it, as `FILE.before-platctl`.
///
/// # Errors
/// The file is as it was then.
pub fn write(path: &Path, entry: &Entry, make_current: bool) -> Result<bool, FileError> {
    let io = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| FileError::Io { doing, path, source }
    };
    // A link stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io("make", folder))?;
    let _lock = Lock::take(&path)?;
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(io("read", &path)(error)),
    };
    let after = merge(&before, entry, make_current)
        .map_err(|source| FileError::Content { path: path.clone(), source })?;
    if after == before {
        return Ok(false);
    }
    if before.lines().any(|line| line.trim_start().starts_with('#')) {
        let mut name = path.clone().into_os_string();
        name.push(".before-platctl");
        replace(Path::new(&name), &before).map_err(io("write", Path::new(&name)))?;
    }
    replace(&path, &after).map_err(io("write", &path))?;
    Ok(true)
}

/// Replaces a file as a whole; only its owner may read it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// The lock that client-go takes: a file beside it (`tools/clientcmd/config.go`, `lockFile`).
struct Lock(PathBuf);

impl Lock {
    fn take(path: &Path) -> Result<Self, FileError> {
        let mut name = path.to_owned().into_os_string();
        name.push(".lock");
        let name = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(_) => Ok(Self(name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Locked(name)),
            Err(source) => Err(FileError::Io { doing: "make", path: name, source }),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn entry() -> Entry {
        Entry {
            name: "dev-eks".to_owned(),
            server: "https://a".to_owned(),
            authority: "QQ==".to_owned(),
            command: "platctl".to_owned(),
            arguments: vec!["token".to_owned(), "dev".to_owned()],
        }
    }

    #[test]
    fn a_file_is_made_changed_once_and_kept_when_it_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kube").join("config");
        assert!(write(&path, &entry(), false).unwrap());
        assert!(!write(&path, &entry(), false).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

        let commented = format!("# mine\n{}", fs::read_to_string(&path).unwrap());
        let target = folder.path().join("target");
        fs::write(&target, &commented).unwrap();
        let link = folder.path().join("link");
        symlink(&target, &link).unwrap();
        assert!(write(&link, &Entry { server: "https://b".to_owned(), ..entry() }, false).unwrap());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&target).unwrap().contains("https://b"));
        assert_eq!(fs::read_to_string(folder.path().join("target.before-platctl")).unwrap(), commented);

        fs::write(&target, "a: [").unwrap();
        assert!(matches!(write(&target, &entry(), false), Err(FileError::Content { .. })));
        assert_eq!(fs::read_to_string(&target).unwrap(), "a: [");
        fs::write(folder.path().join("target.lock"), "").unwrap();
        assert!(matches!(write(&target, &entry(), false), Err(FileError::Locked(_))));
        assert!(folder.path().join("target.lock").exists());
    }
}
