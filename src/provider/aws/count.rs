//! How many calls were made, and how they went.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::call::Operation;
use crate::model::Kind;

/// What a call was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// The service, by its word.
    pub service: &'static str,
    /// The operation, as the service names it.
    pub operation: &'static str,
    /// The kind of resource, where it was for one.
    pub kind: Option<Kind>,
}

/// How often, and how it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests sent, repetitions among them.
    pub sent: u64,
    /// Those that were answered by throttling.
    pub throttled: u64,
    /// Those that failed in any other way.
    pub failed: u64,
}

/// Counts of everything.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<BTreeMap<Counted, Count>>);

impl Counts {
    pub(super) fn add(&self, operation: Operation, kind: Option<Kind>, act: impl FnOnce(&mut Count)) {
        let counted = Counted { service: operation.service.as_str(), operation: operation.name, kind };
        act(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(counted).or_default());
    }

    pub(super) fn all(&self) -> BTreeMap<Counted, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
