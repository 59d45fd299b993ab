//! What is recorded: the journal of intents and outcomes, folded to a state.
//!
//! `entry`, `fold` and `snapshot` are pure; only `store` does I/O. Laws: `next` is total and refuses what is
//! illegal; a state is the fold of its journal and nothing else; a snapshot and the entries after it fold to
//! the same state as the whole journal; no secret is ever in an entry.

mod durations;
mod entry;
mod fold;
mod snapshot;
pub mod store;

pub use durations::{Durations, Measured};
pub use entry::{Done, Entry, Intent, Line};
pub use fold::{Illegal, Record, State, Status, next};
pub use snapshot::{SNAPSHOT_VERSION, Snapshot};
