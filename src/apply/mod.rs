//! The interpreter of plans: decides nothing, writes down each intent before its call and each outcome after.
//!
//! One task owns the run's state and the journal; workers, one a step, ask it to write and wait until it is on
//! disk. May use model, graph, plan, state and the provider trait; knows no AWS, no terminal. Laws: no call
//! without its intent on disk; after a crash at any point the next run ends in the same world, with no orphan
//! and no twin; a failure stops what depends on it and nothing else; what runs is never unwound.

mod cancel;
mod clock;
mod engine;
mod error;
mod event;
mod observe;
mod recover;
mod scribe;
mod wait;
mod worker;

pub use cancel::{Cancel, Level};
pub use clock::Clock;
pub use engine::{Ended, Failure, Report, Run, Settings};
pub use error::StepError;
pub use event::{Event, Events};
pub use observe::{Unreadable, looks, observe, remembered};
pub use recover::recover;
pub use scribe::Writer;
