//! What comes before what in a plan, and what a choice of targets leaves of it.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{Input, Refusal, Scope};
use super::step::{Purpose, Step};
use crate::graph::{Cycle, Dag};
use crate::model::ec2::LeftoverKind;
use crate::model::{Action, Address, Kind, Spec};
use crate::state::State;

/// Addresses that wait for each other.
pub(super) struct Circle(pub(super) Vec<Address>);

/// Puts the steps in order and fills in what each waits for.
///
/// - What is made or changed comes after everything that it refers to.
/// - What is deleted comes after the deletes of all that refers to it, and after the changes by which others
///   cease to.
/// - What the cluster left goes after the cluster.
/// - A replacement's create comes after its delete.
pub(super) fn arrange(mut steps: Vec<Step>, state: &State) -> Result<Vec<Step>, Circle> {
    let mut removes: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut makes: BTreeMap<&Address, usize> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        match step.action {
            Action::Delete | Action::Forget => removes.insert(&step.address, at),
            _ => makes.insert(&step.address, at),
        };
    }
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (at, step) in steps.iter().enumerate() {
        let removing = matches!(step.action, Action::Delete | Action::Forget);
        if !removing {
            before[at].extend(step.spec.refs().iter().filter_map(|to| makes.get(to)));
            before[at].extend(step.replaces.then(|| removes.get(&step.address)).flatten());
        }
        if step.address.kind == Kind::Leftover {
            // While the cluster stands, its controllers would make it anew.
            let first = |other: &Address| match other.kind {
                Kind::Cluster => true,
                // What was planned goes as planned; the clause is for the rest.
                Kind::Leftover => is_clause(step) && !is_clause(&steps[removes[other]]),
                _ => false,
            };
            before[at].extend(removes.iter().filter(|(other, _)| first(other)).map(|(_, &removal)| removal));
        }
        // Whoever referred to something that goes must have gone, or have ceased to refer to it.
        for to in former_refs(step, removing, state) {
            let stays_linked = !removing && step.spec.refs().contains(&to);
            if let Some(&removal) = removes.get(&to)
                && removal != at
                && !stays_linked
            {
                before[removal].push(at);
            }
        }
    }
    let dag = Dag::new(before)
        .map_err(|Cycle(nodes)| Circle(nodes.iter().map(|&n| steps[n].address.clone()).collect()))?;
    let mut place = vec![0; steps.len()];
    for (to, &from) in dag.order().iter().enumerate() {
        place[from] = to;
    }
    for (at, step) in steps.iter_mut().enumerate() {
        step.after = dag.before(at).iter().map(|&wait| place[wait]).collect();
        step.after.sort_unstable();
    }
    let mut arranged: Vec<(usize, Step)> = place.into_iter().zip(steps).collect();
    arranged.sort_by_key(|(at, _)| *at);
    Ok(arranged.into_iter().map(|(_, step)| step).collect())
}

/// True for the step that stands for what is not known yet.
fn is_clause(step: &Step) -> bool {
    matches!(&step.spec, Spec::Leftover(leftover) if leftover.what == LeftoverKind::Meanwhile)
}

/// What the resource of a step referred to until now, as recorded; for a delete also what its spec says.
fn former_refs(step: &Step, removing: bool, state: &State) -> BTreeSet<Address> {
    let record = state.record(&step.address);
    let recorded = record.into_iter().flat_map(|r| std::iter::once(&r.spec).chain(&r.intended));
    recorded.chain(removing.then_some(&step.spec)).flat_map(Spec::refs).collect()
}

/// Takes out the steps that the scope does not allow, and says which.
pub(super) fn restrict(steps: &mut Vec<Step>, input: Input<'_>) -> Result<Vec<(Address, Action)>, Refusal> {
    let Scope { only, except } = input.scope;
    if only.is_empty() && except.is_empty() {
        return Ok(Vec::new());
    }
    let all: BTreeMap<Address, usize> = input
        .desired
        .resources
        .keys()
        .chain(input.state.resources.keys())
        .chain(steps.iter().map(|step| &step.address))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .enumerate()
        .map(|(at, address)| (address.clone(), at))
        .collect();
    let index = |wanted: &BTreeSet<Address>| -> Result<Vec<usize>, Refusal> {
        wanted.iter().map(|a| all.get(a).copied().ok_or_else(|| Refusal::UnknownTarget(a.clone()))).collect()
    };
    let before = all
        .keys()
        .map(|address| needs(address, input, steps).filter_map(|to| all.get(&to).copied()).collect());
    // A circle between old and new edges is told by `arrange`; here any order will do.
    let Ok(dag) = Dag::new(before.collect()) else { return Ok(Vec::new()) };
    let (only, except) = (index(only)?, index(except)?);
    let (kept, left_out) = match input.purpose {
        Purpose::Up => (dag.ahead(only.iter().copied()), dag.behind(except)),
        Purpose::Destroy => (dag.behind(only.iter().copied()), dag.ahead(except)),
    };
    let mut skipped = Vec::new();
    steps.retain(|step| {
        let at = all[&step.address];
        let keep = (only.is_empty() || kept[at]) && !left_out[at];
        if !keep {
            skipped.push((step.address.clone(), if step.replaces { Action::Replace } else { step.action }));
        }
        keep
    });
    skipped.dedup();
    Ok(skipped)
}

/// Everything that a resource refers to, as desired, as recorded, and as a step says (which is all that is known of
/// what a cluster left).
fn needs<'a>(
    address: &Address,
    input: Input<'a>,
    steps: &'a [Step],
) -> impl Iterator<Item = Address> + use<'a> {
    let desired = input.desired.resources.get(address);
    let record = input.state.record(address);
    let step = steps.iter().find(|step| step.address == *address && step.address.kind == Kind::Leftover);
    let specs = desired.into_iter().chain(record.map(|r| &r.spec)).chain(step.map(|step| &step.spec));
    specs.flat_map(Spec::refs)
}
