//! The entries of the journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Address, CloudId, Outputs, Spec};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its number: one more than the line before. The state's serial is the number of its last line.
    pub serial: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The run that wrote it.
    pub run: String,
    /// The resource it is about.
    pub address: Address,
    /// What it says.
    pub entry: Entry,
    /// How long the step took that it ends, in milliseconds; none where a part of the step was an earlier run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
}

/// What a line says: what is about to be done, what was done, or what was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Written and on disk before the call.
    Intent(Intent),
    /// Written after the call.
    Done(Done),
    /// The call failed; for a create, it is known that nothing was made.
    Failed {
        /// Why, as told to people.
        error: String,
    },
}

/// What is about to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// One create call.
    Create {
        /// The client token of the call and of every repetition of it.
        token: String,
        /// What is to be made.
        spec: Spec,
    },
    /// Any number of repeatable calls that make it as the spec says.
    Converge {
        /// What it is to be.
        spec: Spec,
    },
    /// One delete call.
    Delete,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// The create call gave this id, or the resource that it made was found again.
    Created {
        /// The new id.
        id: CloudId,
    },
    /// It is as its last intent says, and ready.
    Converged {
        /// What is known of it now.
        outputs: Outputs,
    },
    /// It is gone.
    Deleted,
    /// It was there, ours and not recorded: now it is.
    Adopted {
        /// Its id.
        id: CloudId,
        /// What it is.
        spec: Spec,
        /// What is known of it.
        outputs: Outputs,
    },
    /// The record was dropped; whatever exists is left alone.
    Forgotten,
    /// The record was given another name.
    Moved {
        /// The new address, where nothing was recorded.
        to: Address,
    },
}
