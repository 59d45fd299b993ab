//! The words of a plan.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::graph::Dag;
use crate::model::{Action, Address, Change, CloudId, Origin, Spec};

/// The place of a step in its plan.
pub type StepId = usize;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To make the environment as desired.
    Up,
    /// To remove all of it.
    Destroy,
}

/// A plan: a contract of what will be done, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The lineage of the state that it was made from.
    pub lineage: String,
    /// The serial of that state: with another one the plan is stale.
    pub serial: u64,
    /// The steps, each after all that it waits for.
    pub steps: Vec<Step>,
    /// What is left as it is because it is as desired.
    pub unchanged: Vec<Address>,
    /// What would have been done, had it not been left out by choice.
    pub skipped: Vec<(Address, Action)>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The resource.
    pub address: Address,
    /// What is done. A replacement is two steps: a delete and a create, both of them `Replace` to a reader
    /// (see [`Step::replaces`]).
    pub action: Action,
    /// True for the delete and the create that make up a replacement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
    /// Why.
    pub reason: Reason,
    /// What it is to be; for a delete, what was recorded of it or seen.
    pub spec: Spec,
    /// The id of what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CloudId>,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PlannedChange>,
    /// What is there, as a digest: checked again just before it is changed or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// How long it took before, in milliseconds, where something like it was done here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_ms: Option<u64>,
    /// The steps that come before.
    pub after: Vec<StepId>,
}

/// A field that differs, and where the difference comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedChange {
    /// The difference.
    pub change: Change,
    /// Where it comes from.
    pub origin: Origin,
}

/// Why a step is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is desired and not there.
    Missing,
    /// It is recorded and was removed by somebody else.
    Vanished,
    /// It is being deleted, and desired: it is made anew once it is gone.
    Leaving,
    /// It is there and ours, but not (or not to the end) recorded.
    Unrecorded,
    /// Fields differ.
    Differs,
    /// It can never be used as it is; the service's words.
    Broken(String),
    /// It is no longer desired.
    Undesired,
    /// The environment is destroyed.
    Destroyed,
}

impl Step {
    /// A step of which only this much is known.
    pub(super) fn new(address: &Address, action: Action, reason: Reason, spec: Spec) -> Self {
        Self {
            address: address.clone(),
            action,
            replaces: false,
            reason,
            spec,
            id: None,
            changes: Vec::new(),
            fingerprint: None,
            measured_ms: None,
            after: Vec::new(),
        }
    }

    /// How long the step will take: as it took before, else as it typically takes on AWS.
    pub fn duration(&self) -> Duration {
        self.measured_ms.map_or_else(|| self.typical(), Duration::from_millis)
    }

    /// The same where a second of AWS takes this many seconds, as in a sandbox.
    pub fn duration_at(&self, pace: f64) -> Duration {
        self.measured_ms.map_or_else(|| self.typical().mul_f64(pace), Duration::from_millis)
    }

    fn typical(&self) -> Duration {
        let timing = self.address.kind.timing();
        match self.action {
            Action::Create | Action::Replace => timing.create,
            Action::Update => timing.update,
            Action::Delete => timing.delete,
            Action::NoOp | Action::Adopt | Action::Forget => Duration::ZERO,
        }
    }
}

/// How long a plan will take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The time of the longest chain.
    pub time: Duration,
    /// The longest chain.
    pub path: Vec<StepId>,
    /// True when all of it was done here before, so that the time is what it took; else it is what it typically
    /// takes on AWS.
    pub is_measured: bool,
}

/// How many steps of each action a plan has; a replacement counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals(pub BTreeMap<Action, usize>);

impl Totals {
    /// The count of an action.
    pub fn of(&self, action: Action) -> usize {
        self.0.get(&action).copied().unwrap_or(0)
    }
}

impl Plan {
    /// True when nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Counts by action; a replacement counts once.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for step in &self.steps {
            match (step.replaces, step.action) {
                (true, Action::Create) => *totals.0.entry(Action::Replace).or_default() += 1,
                (true, _) => {}
                (false, action) => *totals.0.entry(action).or_default() += 1,
            }
        }
        totals
    }

    /// The graph of the steps.
    ///
    /// # Panics
    /// Never for a plan of [`super::plan`] or one that was read and checked: those have no cycle.
    pub fn dag(&self) -> Dag {
        let before = self.steps.iter().map(|step| step.after.clone()).collect();
        Dag::new(before).expect("the steps of a plan are listed after what they wait for")
    }

    /// How long it will take with no bound on what runs at once, and the steps that decide it.
    pub fn forecast(&self) -> Forecast {
        let durations: Vec<Duration> = self.steps.iter().map(Step::duration).collect();
        let path = self.dag().critical_path(&durations);
        Forecast {
            time: path.iter().map(|&step| durations[step]).sum(),
            is_measured: path.iter().all(|&step| self.steps[step].measured_ms.is_some()),
            path,
        }
    }
}
