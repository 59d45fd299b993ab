//! A second opinion on a finished plan, written without looking at how it was made.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Plan, Step};
use crate::model::{Action, Address};
use crate::state::State;

/// Something that a plan must not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A step waits for one that is listed after it.
    #[error("step {0} waits for a later step")]
    Order(usize),
    /// A resource is made before something that it refers to stands.
    #[error("{0} would be made before {1}")]
    Early(Address, Address),
    /// A resource is removed while something that stays refers to it.
    #[error("{0} would be removed while {1} refers to it")]
    Held(Address, Address),
    /// Two steps of a kind for one resource.
    #[error("{0} would be dealt with twice")]
    Twice(Address),
    /// A step that changes or removes something without saying what.
    #[error("{0} would be changed without its id")]
    Unidentified(Address),
    /// A step that removes what was made anew in the same plan.
    #[error("{0} would be removed after it was made")]
    Undone(Address),
}

/// Everything wrong with a plan that is to be applied to a state; empty for every good plan.
pub fn lint(plan: &Plan, state: &State) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut standing: BTreeSet<Address> = state.records().map(|(address, _)| address.clone()).collect();
    standing.extend(plan.unchanged.iter().cloned());
    let mut refers: BTreeMap<Address, Vec<Address>> =
        state.records().map(|(address, record)| (address.clone(), record.spec.refs())).collect();
    // What stands unrecorded and will be adopted or changed stands from the start.
    standing.extend(plan.steps.iter().filter(|s| s.id.is_some()).map(|s| s.address.clone()));
    let mut made = BTreeSet::new();
    let mut touched = BTreeSet::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if step.after.iter().any(|&wait| wait >= at) {
            faults.push(Fault::Order(at));
        }
        if !touched.insert((&step.address, step.action)) {
            faults.push(Fault::Twice(step.address.clone()));
        }
        check(step, &mut standing, &mut refers, &mut made, &mut faults);
    }
    faults
}

fn check(
    step: &Step,
    standing: &mut BTreeSet<Address>,
    refers: &mut BTreeMap<Address, Vec<Address>>,
    made: &mut BTreeSet<Address>,
    faults: &mut Vec<Fault>,
) {
    let address = &step.address;
    match step.action {
        Action::Create | Action::Update | Action::Adopt => {
            if step.action != Action::Create && step.id.is_none() {
                faults.push(Fault::Unidentified(address.clone()));
            }
            let refs = step.spec.refs();
            let missing = refs.iter().filter(|to| !standing.contains(*to));
            faults.extend(missing.map(|to| Fault::Early(address.clone(), to.clone())));
            refers.insert(address.clone(), refs);
            standing.insert(address.clone());
            made.insert(address.clone());
        }
        Action::Delete | Action::Forget => {
            if step.action == Action::Delete && step.id.is_none() {
                faults.push(Fault::Unidentified(address.clone()));
            }
            if made.contains(address) {
                faults.push(Fault::Undone(address.clone()));
            }
            standing.remove(address);
            refers.remove(address);
            // A replacement's dependents are changed once it stands again.
            let holders = refers.iter().filter(|(_, to)| to.contains(address) && !step.replaces);
            faults.extend(holders.map(|(from, _)| Fault::Held(address.clone(), from.clone())));
        }
        Action::NoOp | Action::Replace => faults.push(Fault::Unidentified(address.clone())),
    }
}
