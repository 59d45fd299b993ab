//! What a plan does with a resource.

use serde::{Deserialize, Serialize};

/// What a plan does with one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It stands as desired.
    NoOp,
    /// It is not there: make it.
    Create,
    /// It is there, it is ours, and state does not know it: record it (and change what differs).
    Adopt,
    /// It is there and differs in fields that can be changed in place.
    Update,
    /// It differs in a field that can only be set at birth: delete it and make it anew.
    Replace,
    /// It is recorded and no longer desired: delete it.
    Delete,
    /// It is recorded, no longer desired and already gone: drop the record.
    Forget,
}

impl Action {
    /// The word shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOp => "no change",
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
        }
    }

    /// True when carrying it out may remove something that exists.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Replace | Self::Delete)
    }
}
