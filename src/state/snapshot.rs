//! A state as it is kept: the fold of a journal up to a line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Durations, State, Status};
use crate::model::Address;

/// The version of the stored form that this program writes; it reads this one.
pub const SNAPSHOT_VERSION: u32 = 1;

/// A state as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The version of this form.
    pub version: u32,
    /// The environment it is of: it is refused under another name.
    pub environment: String,
    /// The state's lineage.
    pub lineage: String,
    /// The state's serial.
    pub serial: u64,
    /// Every recorded resource.
    pub resources: BTreeMap<Address, Status>,
    /// How long what was done took.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub durations: BTreeMap<Address, Durations>,
}

impl Snapshot {
    /// The stored form of a state.
    pub fn of(environment: &str, state: &State) -> Self {
        Self {
            version: SNAPSHOT_VERSION,
            environment: environment.to_owned(),
            lineage: state.lineage.clone(),
            serial: state.serial,
            resources: state.resources.clone(),
            durations: state.durations.clone(),
        }
    }

    /// The state that is kept in it.
    pub fn into_state(self) -> State {
        let Self { lineage, serial, resources, durations, .. } = self;
        State { lineage, serial, resources, durations }
    }
}
