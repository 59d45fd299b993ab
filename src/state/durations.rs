//! How long what was done took: a forecast from what was measured here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Action, Address, Kind};

/// How long the steps of one resource took, in milliseconds: half of each is the last time, a quarter the time before
/// that, and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durations {
    /// From its create to ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<u64>,
    /// A change in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<u64>,
    /// Until it was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<u64>,
}

impl Durations {
    /// Takes in how long a step took.
    pub(super) fn learn(&mut self, action: Action, took: u64) {
        if let Some(known) = self.of_mut(action) {
            *known = Some(known.map_or(took, |before| before.midpoint(took)));
        }
    }

    fn of_mut(&mut self, action: Action) -> Option<&mut Option<u64>> {
        match action {
            Action::Create | Action::Replace => Some(&mut self.create),
            Action::Update => Some(&mut self.update),
            Action::Delete => Some(&mut self.delete),
            Action::NoOp | Action::Adopt | Action::Forget => None,
        }
    }

    fn of(mut self, action: Action) -> Option<u64> {
        self.of_mut(action).and_then(|known| *known)
    }
}

/// What earlier runs say of a step: of the resource itself, else the mean of its kind.
#[derive(Debug)]
pub struct Measured<'a> {
    resources: &'a BTreeMap<Address, Durations>,
    kinds: BTreeMap<(Kind, Action), (u64, u64)>,
}

impl<'a> Measured<'a> {
    /// What was measured of these.
    pub fn of(resources: &'a BTreeMap<Address, Durations>) -> Self {
        let mut kinds = BTreeMap::new();
        for (address, durations) in resources {
            for action in [Action::Create, Action::Update, Action::Delete] {
                if let Some(took) = durations.of(action) {
                    let (sum, count) = kinds.entry((address.kind, action)).or_insert((0_u64, 0));
                    (*sum, *count) = (sum.saturating_add(took), *count + 1);
                }
            }
        }
        Self { resources, kinds }
    }

    /// How long this took before, in milliseconds; none where nothing like it was done.
    pub fn step(&self, address: &Address, action: Action) -> Option<u64> {
        let own = self.resources.get(address).and_then(|durations| durations.of(action));
        let of_kind = || self.kinds.get(&(address.kind, action)).map(|(sum, count)| sum / count);
        own.or_else(of_kind)
    }
}
