//! What can go wrong with a store.

use std::path::PathBuf;

use super::Owner;
use crate::state::Illegal;

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{what} {}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} line {line}: {why}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The lines do not follow each other.
    #[error("{} does not fold", path.display())]
    Illegal {
        /// The file.
        path: PathBuf,
        /// The line and the reason.
        source: Illegal,
    },
    /// A newer program wrote it.
    #[error("{} has version {found}; this program reads up to {known}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// It is of another environment.
    #[error("{} is the state of environment `{found}`, not of `{wanted}`", path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// The environment it is of.
        found: String,
        /// The environment asked for.
        wanted: String,
    },
    /// Somebody else is at work.
    #[error("the state of `{environment}` is locked by {owner}")]
    Locked {
        /// The environment.
        environment: String,
        /// Who holds the lock.
        owner: Box<Owner>,
    },
}
