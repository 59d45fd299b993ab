//! Telling the moments of calls to somebody in the same process: how a test kills a client between them.

use std::cell::Cell;

/// A moment in the life of a call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It has been read, and has had no effect yet.
    Arrived,
    /// It has taken effect (or was refused), and no byte of the reply is written.
    Applied,
    /// Its reply has been handed to the system to deliver.
    Replied,
}

/// A call that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangingCall {
    /// Its number among those since the start, from 1.
    pub number: u64,
    /// What it asks for, as `service:Operation`, or `kubernetes:METHOD /path` of a cluster.
    pub operation: String,
}

/// Is told each moment of a call, and says whether the call goes on: `false` cuts the connection there and then
/// (on arrival: without effect). Runs on the server's own thread: as long as it takes, nothing else happens in the
/// world.
pub type Watch = Box<dyn Fn(Moment, &ChangingCall) -> bool + Send>;

/// A watch, and how many calls it was told of.
pub(crate) struct Watched {
    watch: Watch,
    calls: Cell<u64>,
}

impl Watched {
    pub(crate) fn by(watch: Watch) -> Self {
        Self { watch, calls: Cell::new(0) }
    }

    /// Numbers a call.
    pub(crate) fn next(&self, operation: String) -> ChangingCall {
        self.calls.set(self.calls.get() + 1);
        ChangingCall { number: self.calls.get(), operation }
    }

    pub(crate) fn tell(&self, moment: Moment, call: &ChangingCall) -> bool {
        (self.watch)(moment, call)
    }
}
