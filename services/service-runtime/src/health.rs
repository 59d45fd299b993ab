//! Whether the process may be sent traffic.

use std::sync::atomic::{AtomicU8, Ordering};

/// Where the process stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not all is set up yet.
    Starting,
    /// In service.
    Ready,
    /// About to end: running requests are finished, new ones go elsewhere.
    Draining,
}

/// The phase of the process, seen by all its parts. It only ever moves on.
#[derive(Debug, Default)]
pub struct Health(AtomicU8);

impl Health {
    /// The current phase.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        }
    }

    /// All is set up; without effect while draining.
    pub(crate) fn started(&self) {
        self.0.fetch_max(1, Ordering::AcqRel);
    }

    /// The end is near.
    pub(crate) fn drain(&self) {
        self.0.fetch_max(2, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_told_to_end_while_it_starts_never_becomes_ready() {
        let health = Health::default();
        assert_eq!(health.phase(), Phase::Starting);
        health.drain();
        health.started();
        assert_eq!(health.phase(), Phase::Draining);
    }
}
