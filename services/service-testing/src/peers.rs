//! Programs that tests run against, when they are wanted.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether tests against peers are to run (`PLATCTL_PEERS=1`); says so if not.
#[must_use]
pub fn wanted() -> bool {
    let wanted = std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: set PLATCTL_PEERS=1 to run tests against peers");
    }
    wanted
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the crate lies in the repository")
}

/// Runs a script of `scripts/peers`, which installs a peer, and returns what it prints: where the
/// peer is.
///
/// # Panics
/// If the peer cannot be had.
#[must_use]
pub fn install(script: &str) -> PathBuf {
    let path = repository().join("scripts/peers").join(script);
    let output = Command::new(&path).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|error| panic!("{} does not run: {error}", path.display()));
    assert!(output.status.success(), "{} failed", path.display());
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
