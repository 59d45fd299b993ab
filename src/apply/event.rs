//! What a run tells while it goes on.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::plan::StepId;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step was started.
    Started {
        /// The step.
        step: StepId,
    },
    /// A running step waits, and for what.
    Waiting {
        /// The step.
        step: StepId,
        /// What it waits for, in the service's words.
        why: String,
    },
    /// A step is done.
    Finished {
        /// The step.
        step: StepId,
        /// How long it took.
        took: Duration,
    },
    /// A step failed.
    Failed {
        /// The step.
        step: StepId,
        /// Why.
        why: String,
        /// The steps that will not be started because of it.
        blocked: Vec<StepId>,
    },
    /// No more steps are started: somebody asked for it, or the journal cannot be written.
    Stopping {
        /// How many steps still run.
        running: usize,
    },
}

/// Where events go. Sending never waits and never fails a run: nobody may be listening.
#[derive(Clone, Debug)]
pub struct Events(Option<mpsc::UnboundedSender<Event>>);

impl Events {
    /// A channel of events.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// Events that nobody hears.
    pub fn nobody() -> Self {
        Self(None)
    }

    pub(super) fn send(&self, event: Event) {
        if let Some(sender) = &self.0 {
            let _unheard = sender.send(event);
        }
    }
}
