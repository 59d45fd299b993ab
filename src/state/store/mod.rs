//! Where a state is kept. The only part of this room that does I/O.
//!
//! A store is read by anybody and written by the holder of its lock. Laws: what `append` returned for is on
//! disk; a torn last line (the write that a crash cut) is dropped and said; anything else torn is refused with
//! the way out, and nothing is changed.

mod error;
mod journal;
mod local;
mod lock;

use std::future::Future;

pub use error::Error;
pub use journal::{JOURNAL_VERSION, decode, encode_header, encode_line};
pub use local::{Loaded, LocalSession, LocalStore};
pub use lock::Owner;

use super::{Line, State};

/// The writing end of a store, held together with its lock.
pub trait Journal: Send {
    /// Writes lines and returns when they are on disk.
    ///
    /// # Errors
    /// When they may not be: nothing that they announce may then be done.
    fn append(&mut self, lines: &[Line]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Puts a snapshot in place of the lines so far. Safe to be cut at any point.
    ///
    /// # Errors
    /// When it could not be written; the journal is then as it was.
    fn compact(&mut self, state: &State) -> impl Future<Output = Result<(), Error>> + Send;
}
