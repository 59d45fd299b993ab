//! Why a step failed.

use std::time::Duration;

use crate::provider::Class;
use crate::{provider, state};

/// Why a step failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StepError {
    /// A call failed.
    #[error("a call failed")]
    Call(#[from] provider::Error),
    /// The call to create it was sent and no answer came; what it made, if anything, was not found.
    #[error("no answer to the call that creates it; the next run looks for what it made")]
    Unanswered(#[source] provider::Error),
    /// It changed after the plan was made.
    #[error("it was changed by somebody else after the plan was made")]
    Stale,
    /// It took longer than any such resource should.
    #[error("not there after {}: {why}", seconds(*.after))]
    TimedOut {
        /// How long was waited.
        after: Duration,
        /// What it was waiting for.
        why: String,
    },
    /// It can never be used as it is.
    #[error("it can never be used: {0}")]
    Broken(String),
    /// Calls succeed and the fields stay as they were.
    #[error("the service took the change and {} still differs", .0.join(", "))]
    NotConverging(Vec<String>),
    /// It is not as it was asked for at birth, and cannot be changed.
    #[error("the service made it with another {}, which cannot be changed", .0.join(", "))]
    MadeOtherwise(Vec<String>),
    /// It refers to outputs that are not known although what has them stands.
    #[error("it needs {0}, which is not known")]
    Unresolved(String),
    /// It vanished while it was being made.
    #[error("it vanished right after it was made")]
    Vanished,
    /// The journal cannot be written: nothing more may be done.
    #[error("the journal cannot be written: {0}")]
    Journal(String),
}

impl StepError {
    /// The class of the call's error, where a call failed.
    pub fn class(&self) -> Option<Class> {
        match self {
            Self::Call(error) | Self::Unanswered(error) => Some(error.class),
            _ => None,
        }
    }
}

impl From<state::Illegal> for StepError {
    fn from(error: state::Illegal) -> Self {
        Self::Journal(error.to_string())
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..=119 => format!("{} s", time.as_secs()),
        more => format!("{} min", more / 60),
    }
}
