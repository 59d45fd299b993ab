//! Writing down: workers ask, one owner writes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::clock::Clock;
use super::error::StepError;
use crate::model::{Address, Known};
use crate::state::store::Journal;
use crate::state::{Done, Durations, Entry, Line, State, Status};

/// A request to write an entry; answered when it is on disk.
pub(super) struct Request {
    address: Address,
    entry: Entry,
    took: Option<Duration>,
    written: oneshot::Sender<Result<(), StepError>>,
}

/// The workers' end.
#[derive(Clone)]
pub(super) struct Scribe(mpsc::Sender<Request>);

impl Scribe {
    pub(super) fn channel() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(256);
        (Self(sender), receiver)
    }

    /// Returns when the entry is on disk. Until then nothing that it announces may be done. `took` is how long the
    /// step took that the entry ends.
    pub(super) async fn write(
        &self,
        address: &Address,
        entry: Entry,
        took: Option<Duration>,
    ) -> Result<(), StepError> {
        let (written, on_disk) = oneshot::channel();
        let gone = || StepError::Journal("the run has ended".to_owned());
        self.0.send(Request { address: address.clone(), entry, took, written }).await.map_err(|_| gone())?;
        on_disk.await.map_err(|_| gone())?
    }
}

/// What the state said of an address before an entry.
type Before = (Address, Option<Status>, Option<Durations>);

/// The owner of a run's state and journal.
#[derive(Debug)]
pub struct Writer<'a, J> {
    journal: &'a mut J,
    state: &'a mut State,
    known: Arc<Known>,
    run: String,
    clock: Clock,
    broken: Option<String>,
}

impl<'a, J: Journal> Writer<'a, J> {
    /// An owner; `run` is the run's id in every line.
    pub fn new(journal: &'a mut J, state: &'a mut State, run: impl Into<String>, clock: Clock) -> Self {
        let known = Arc::new(state.known());
        Self { journal, state, known, run: run.into(), clock, broken: None }
    }

    /// The state after everything written.
    pub fn state(&self) -> &State {
        self.state
    }

    /// Ids and outputs of everything recorded.
    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known)
    }

    /// Why nothing can be written any more.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// When it does not follow, or is not on disk.
    pub async fn write(&mut self, address: &Address, entry: Entry) -> Result<(), StepError> {
        let (written, mut on_disk) = oneshot::channel();
        self.write_all(vec![Request { address: address.clone(), entry, took: None, written }]).await;
        on_disk.try_recv().unwrap_or_else(|_| Err(StepError::Journal("no answer".to_owned())))
    }

    /// Writes what was asked for, all with one trip to the disk, and answers.
    pub(super) async fn write_all(&mut self, requests: Vec<Request>) {
        let serial_before = self.state.serial;
        let mut before: Vec<Before> = Vec::new();
        let mut lines = Vec::new();
        let mut answers = Vec::new();
        for Request { address, entry, took, written } in requests {
            let serial = self.state.serial + 1;
            for touched in touched(&address, &entry) {
                let durations = self.state.durations.get(touched).copied();
                before.push((touched.clone(), self.state.resources.get(touched).cloned(), durations));
            }
            let took_ms = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            let line =
                Line { serial, at: self.clock.of_day(), run: self.run.clone(), address, entry, took_ms };
            match self.state.fold(&line) {
                Ok(()) => {
                    lines.push(line);
                    answers.push(written);
                }
                Err(illegal) => answer(written, Err(illegal.into())),
            }
        }
        let result = match &self.broken {
            Some(why) => Err(StepError::Journal(why.clone())),
            None => self.journal.append(&lines).await.map_err(|error| {
                let why = match std::error::Error::source(&error) {
                    Some(source) => format!("{error}: {source}"),
                    None => error.to_string(),
                };
                StepError::Journal(why)
            }),
        };
        match &result {
            Ok(()) => self.learn(&lines),
            Err(error) => {
                // Whether a part of it is on disk is not known: nothing may follow it.
                self.undo(serial_before, before);
                self.broken = Some(error.to_string());
            }
        }
        for written in answers {
            answer(written, result.clone());
        }
    }

    fn undo(&mut self, serial: u64, before: Vec<Before>) {
        self.state.serial = serial;
        for (address, status, durations) in before.into_iter().rev() {
            match durations {
                Some(durations) => self.state.durations.insert(address.clone(), durations),
                None => self.state.durations.remove(&address),
            };
            match status {
                Some(status) => self.state.resources.insert(address, status),
                None => self.state.resources.remove(&address),
            };
        }
    }

    fn learn(&mut self, lines: &[Line]) {
        let known = Arc::make_mut(&mut self.known);
        for address in lines.iter().flat_map(|line| touched(&line.address, &line.entry)) {
            match self.state.resources.get(address) {
                Some(Status::Present(record)) => {
                    known.insert(address.clone(), record.id.clone(), record.outputs.clone());
                }
                Some(Status::Creating { .. }) | None => known.remove(address),
            }
        }
    }
}

/// The addresses whose status an entry may change.
fn touched<'a>(address: &'a Address, entry: &'a Entry) -> impl Iterator<Item = &'a Address> {
    let other = match entry {
        Entry::Done(Done::Moved { to }) => Some(to),
        _ => None,
    };
    std::iter::once(address).chain(other)
}

fn answer(written: oneshot::Sender<Result<(), StepError>>, result: Result<(), StepError>) {
    // The worker may have been aborted meanwhile; what is written stays written.
    let _aborted = written.send(result);
}
