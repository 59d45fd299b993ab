//! From entries to a state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Done, Durations, Entry, Intent, Line};
use crate::model::{Action, Address, CloudId, Kind, Known, Outputs, Spec};

/// Where a recorded resource stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A create was announced and its outcome is not recorded: it may or may not exist.
    Creating {
        /// The token of the announced call.
        token: String,
        /// When it was announced first.
        since: jiff::Timestamp,
        /// What was to be made.
        spec: Spec,
    },
    /// It exists.
    Present(Box<Record>),
}

/// What is recorded of a resource that exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its id.
    pub id: CloudId,
    /// What it was made to be, last time that was finished.
    pub spec: Spec,
    /// What it is being made to be, while that is not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended: Option<Spec>,
    /// What is known of it, once it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
    /// True when its end was announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleting: bool,
}

impl Record {
    /// True when nothing is left to do for what was last intended.
    pub fn is_settled(&self) -> bool {
        self.intended.is_none() && self.outputs.is_some() && !self.deleting
    }
}

/// What is recorded of an environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The identity of this history: two states of different lineage have nothing in common.
    pub lineage: String,
    /// The number of the last line.
    pub serial: u64,
    /// Every recorded resource.
    pub resources: BTreeMap<Address, Status>,
    /// How long what was done took, also of what is gone.
    pub durations: BTreeMap<Address, Durations>,
}

/// An entry that may not follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {serial} of the journal: {what} of {address} cannot follow: {why}")]
pub struct Illegal {
    /// The line.
    pub serial: u64,
    /// The resource.
    pub address: Address,
    /// What the entry says.
    pub what: &'static str,
    /// What stands against it.
    pub why: &'static str,
}

impl State {
    /// A state in which nothing is recorded.
    pub fn new(lineage: impl Into<String>) -> Self {
        Self { lineage: lineage.into(), ..Self::default() }
    }

    /// Takes the next line in.
    ///
    /// # Errors
    /// [`Illegal`] when it does not follow; the state is then as it was.
    pub fn fold(&mut self, line: &Line) -> Result<(), Illegal> {
        let illegal = |what, why| Illegal { serial: line.serial, address: line.address.clone(), what, why };
        if line.serial != self.serial + 1 {
            return Err(illegal("a line", "its number is not the next one"));
        }
        if let Entry::Done(Done::Moved { to }) = &line.entry {
            if to.kind != line.address.kind || self.resources.contains_key(to) {
                return Err(illegal("a move", "the new address is taken or of another kind"));
            }
            let status = self.resources.remove(&line.address);
            let status = status.ok_or_else(|| illegal("a move", "nothing is recorded there"))?;
            self.resources.insert(to.clone(), status);
            if let Some(durations) = self.durations.remove(&line.address) {
                self.durations.insert(to.clone(), durations);
            }
        } else {
            let before = self.resources.get(&line.address);
            let measured = line.took_ms.zip(ended(&line.entry, before));
            // What a cluster leaves is another thing each time.
            let measured = measured.filter(|_| line.address.kind != Kind::Leftover);
            match next(before, line).map_err(|(what, why)| illegal(what, why))? {
                Some(status) => self.resources.insert(line.address.clone(), status),
                None => self.resources.remove(&line.address),
            };
            if let Some((took, action)) = measured {
                self.durations.entry(line.address.clone()).or_default().learn(action, took);
            }
        }
        self.serial = line.serial;
        Ok(())
    }

    /// The record of a resource that exists.
    pub fn record(&self, address: &Address) -> Option<&Record> {
        match self.resources.get(address)? {
            Status::Present(record) => Some(record),
            Status::Creating { .. } => None,
        }
    }

    /// Every resource that exists, with its record.
    pub fn records(&self) -> impl Iterator<Item = (&Address, &Record)> {
        self.resources.iter().filter_map(|(address, status)| match status {
            Status::Present(record) => Some((address, record.as_ref())),
            Status::Creating { .. } => None,
        })
    }

    /// Ids and outputs of everything recorded.
    pub fn known(&self) -> Known {
        let mut known = Known::default();
        for (address, record) in self.records() {
            known.insert(address.clone(), record.id.clone(), record.outputs.clone());
        }
        known
    }
}

/// What an entry is the end of.
fn ended(entry: &Entry, before: Option<&Status>) -> Option<Action> {
    match (entry, before) {
        (Entry::Done(Done::Converged { .. }), Some(Status::Present(record))) if record.outputs.is_none() => {
            Some(Action::Create)
        }
        (Entry::Done(Done::Converged { .. }), _) => Some(Action::Update),
        (Entry::Done(Done::Deleted), _) => Some(Action::Delete),
        _ => None,
    }
}

/// Where a resource stands after an entry; `None` when nothing is recorded of it. Total: what may not follow
/// is refused with what it is and what stands against it.
pub fn next(before: Option<&Status>, line: &Line) -> Result<Option<Status>, (&'static str, &'static str)> {
    match (&line.entry, before) {
        (Entry::Intent(intent), before) => intend(intent, before, line),
        (Entry::Done(done), before) => finish(done, before),
        (Entry::Failed { .. }, Some(Status::Creating { .. })) => Ok(None),
        (Entry::Failed { .. }, Some(Status::Present(record))) => {
            let record = Record { deleting: false, ..record.as_ref().clone() };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Entry::Failed { .. }, None) => Err(("a failure", "nothing was announced")),
    }
}

fn intend(
    intent: &Intent,
    before: Option<&Status>,
    line: &Line,
) -> Result<Option<Status>, (&'static str, &'static str)> {
    match (intent, before) {
        (Intent::Create { token, spec }, None) => {
            Ok(Some(Status::Creating { token: token.clone(), since: line.at, spec: spec.clone() }))
        }
        (Intent::Create { token, spec }, Some(Status::Creating { token: open, since, .. }))
            if open == token =>
        {
            Ok(Some(Status::Creating { token: token.clone(), since: *since, spec: spec.clone() }))
        }
        (Intent::Create { .. }, Some(Status::Creating { .. })) => {
            Err(("a create", "another create of it is open"))
        }
        (Intent::Create { .. }, Some(Status::Present(_))) => Err(("a create", "it exists")),
        (Intent::Converge { spec }, Some(Status::Present(record))) => {
            let record = Record { intended: Some(spec.clone()), deleting: false, ..record.as_ref().clone() };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Intent::Converge { .. }, _) => Err(("a change", "it is not recorded as existing")),
        (Intent::Delete, Some(Status::Present(record))) => {
            Ok(Some(Status::Present(Box::new(Record { deleting: true, ..record.as_ref().clone() }))))
        }
        (Intent::Delete, _) => Err(("a delete", "it is not recorded as existing")),
    }
}

fn finish(done: &Done, before: Option<&Status>) -> Result<Option<Status>, (&'static str, &'static str)> {
    match (done, before) {
        (Done::Created { id }, Some(Status::Creating { spec, .. })) => {
            let record = Record {
                id: id.clone(),
                spec: spec.clone(),
                intended: Some(spec.clone()),
                outputs: None,
                deleting: false,
            };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Done::Created { .. }, _) => Err(("an outcome of a create", "no create is open")),
        (Done::Converged { outputs }, Some(Status::Present(record))) => {
            let Record { id, spec, intended, .. } = record.as_ref().clone();
            let spec = intended.unwrap_or(spec);
            let record = Record { id, spec, intended: None, outputs: Some(outputs.clone()), deleting: false };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Done::Converged { .. }, _) => Err(("an outcome of a change", "it is not recorded as existing")),
        (Done::Deleted, Some(Status::Present(record))) if record.deleting => Ok(None),
        (Done::Deleted, _) => Err(("an outcome of a delete", "no delete is open")),
        (Done::Adopted { id, spec, outputs }, None | Some(Status::Creating { .. })) => {
            let (id, spec, outputs) = (id.clone(), spec.clone(), Some(outputs.clone()));
            let record = Record { id, spec, intended: None, outputs, deleting: false };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Done::Adopted { id, spec, outputs }, Some(Status::Present(record))) if record.id == *id => {
            let record = Record {
                id: id.clone(),
                spec: spec.clone(),
                intended: None,
                outputs: Some(outputs.clone()),
                deleting: false,
            };
            Ok(Some(Status::Present(Box::new(record))))
        }
        (Done::Adopted { .. }, _) => Err(("an adoption", "another one is recorded under this address")),
        (Done::Forgotten, Some(_)) => Ok(None),
        (Done::Forgotten, None) => Err(("forgetting", "nothing is recorded")),
        (Done::Moved { .. }, _) => Err(("a move", "it is not about one resource")),
    }
}
