//! The log of calls: what was asked, and what came of it; and of the changes that took their time and have ended.
//! Lives as long as the process.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::clock::Time;
use crate::world::Pending;

/// The newest entries that are kept, of calls and of changes; the counts know all.
const KEPT: usize = 20_000;

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct CallEntry {
    /// Its number, from 1.
    pub n: u64,
    /// World time.
    pub time: Time,
    /// The service by model name.
    pub service: &'static str,
    /// The operation.
    pub operation: String,
    /// True when it is no describe, get or list.
    pub mutating: bool,
    /// Its request id.
    pub request_id: String,
    /// `ok`, or the error code, or the fault that struck it.
    pub outcome: String,
    /// The HTTP status.
    pub status: u16,
    /// The caller's access key.
    pub access_key: String,
    /// The region.
    pub region: String,
}

/// How often an operation was called.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Count {
    /// All calls.
    pub calls: u64,
    /// Those that were refused or struck by a fault.
    pub errors: u64,
}

/// All calls since the start.
#[derive(Debug, Default)]
pub struct CallLog {
    entries: VecDeque<CallEntry>,
    counts: BTreeMap<(&'static str, String), Count>,
    ended: VecDeque<Pending>,
}

impl CallLog {
    /// Adds a call.
    pub fn push(&mut self, entry: CallEntry) {
        let count = self.counts.entry((entry.service, entry.operation.clone())).or_default();
        count.calls += 1;
        count.errors += u64::from(entry.outcome != "ok");
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Adds a change that has ended.
    pub(crate) fn end(&mut self, change: Pending) {
        if self.ended.len() == KEPT {
            self.ended.pop_front();
        }
        self.ended.push_back(change);
    }

    /// The changes that have ended, oldest end first.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &Pending> {
        self.ended.iter()
    }

    /// The entries with a number above `after`, oldest first.
    pub fn since(&self, after: u64) -> impl Iterator<Item = &CallEntry> {
        self.entries.iter().filter(move |entry| entry.n > after)
    }

    /// Calls by `service:operation`.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.counts
            .iter()
            .map(|((service, operation), count)| (format!("{service}:{operation}"), *count))
            .collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// True when an operation changes something, as far as its name tells.
pub(crate) fn is_mutating(operation: &str) -> bool {
    const READS: [&str; 11] = [
        "Describe",
        "Get",
        "List",
        "Head",
        "BatchGet",
        "BatchCheck",
        "Lookup",
        "Simulate",
        "Search",
        "Test",
        "Filter",
    ];
    !READS.iter().any(|prefix| operation.starts_with(prefix))
}
