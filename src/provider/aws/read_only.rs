//! AWS for verbs that only read.

use std::collections::BTreeMap;

use super::{Aws, Count, Counted};

/// AWS without its changing half: it observes, and there is no way to anything else through it.
#[derive(Clone)]
pub struct ReadOnly(Aws);

impl ReadOnly {
    /// Takes the other half away.
    pub fn new(aws: Aws) -> Self {
        Self(aws)
    }

    /// How many calls were made so far.
    pub fn counts(&self) -> BTreeMap<Counted, Count> {
        self.0.counts()
    }

    pub(super) fn inner(&self) -> &Aws {
        &self.0
    }
}
