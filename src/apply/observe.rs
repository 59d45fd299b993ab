//! Looking at everything that a plan needs, parents before what can only be found inside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Address, Desired, Known, Live, Observed, Readiness, Spec};
use crate::provider::{Error, Look, Observe};
use crate::state::{Record, State, Status};

/// Resources that could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("{} of the environment's resources could not be read, {} first", .0.len(), first(.0))]
pub struct Unreadable(pub Vec<(Address, Error)>);

fn first(errors: &[(Address, Error)]) -> String {
    errors.first().map(|(address, _)| address.to_string()).unwrap_or_default()
}

/// The looks that a plan of this state needs: everything desired and everything recorded, once each.
pub fn looks(desired: &Desired, state: &State) -> Vec<Look> {
    let mut looks: BTreeMap<&Address, Look> = BTreeMap::new();
    for (address, status) in &state.resources {
        let (id, spec) = match status {
            Status::Present(record) => {
                let Record { id, spec, intended, .. } = record.as_ref();
                (Some(id.clone()), intended.as_ref().unwrap_or(spec))
            }
            Status::Creating { spec, .. } => (None, spec),
        };
        looks.insert(address, Look { address: address.clone(), id, spec: spec.clone() });
    }
    for (address, spec) in &desired.resources {
        let look = Look { address: address.clone(), id: None, spec: spec.clone() };
        let entry = looks.entry(address).or_insert(look);
        entry.spec = spec.clone();
    }
    looks.into_values().collect()
}

/// What is recorded as finished, taken for what is there.
pub fn remembered(state: &State) -> BTreeMap<Address, Observed> {
    let settled = state.records().filter(|(_, record)| record.is_settled());
    let live = settled.filter_map(|(address, record)| {
        let Record { id, spec, outputs, .. } = record.clone();
        let live = Live { id, spec, outputs: outputs?, readiness: Readiness::Ready };
        Some((address.clone(), Observed::Present(Box::new(live))))
    });
    live.collect()
}

/// Looks at all of them. What cannot be looked for because its parent is not there is absent.
///
/// # Errors
/// [`Unreadable`] when any look failed: a plan is made of everything or not at all.
pub async fn observe<O: Observe>(
    provider: &O,
    looks: Vec<Look>,
    known: Known,
) -> Result<BTreeMap<Address, Observed>, Unreadable> {
    let mut known = known;
    let mut found: BTreeMap<Address, Observed> = BTreeMap::new();
    let mut failed = Vec::new();
    let mut open: BTreeMap<Address, Look> = looks.into_iter().map(|l| (l.address.clone(), l)).collect();
    while !open.is_empty() {
        let waits = |look: &Look| look.spec.parent().is_some_and(|parent| open.contains_key(&parent));
        let ready: Vec<Address> = open
            .iter()
            .filter(|(_, look)| look.id.is_some() || !waits(look))
            .map(|(a, _)| a.clone())
            .collect();
        // A parent that waits for its own child: no spec of ours says so, but an endless loop must not follow.
        let ready = if ready.is_empty() { open.keys().cloned().collect() } else { ready };
        let round: Vec<Look> =
            ready.iter().filter_map(|address| open.remove(address)).map(|l| filled(l, &known)).collect();
        let answers = provider.observe(round, Arc::new(known.clone())).await;
        for (address, answer) in ready.into_iter().zip(answers) {
            match answer {
                Ok(observed) => {
                    learn(&mut known, &address, &observed);
                    found.insert(address, observed);
                }
                Err(error) => failed.push((address, error)),
            }
        }
    }
    if failed.is_empty() { Ok(found) } else { Err(Unreadable(failed)) }
}

fn filled(mut look: Look, known: &Known) -> Look {
    known.fill(&mut look.spec);
    look
}

fn learn(known: &mut Known, address: &Address, observed: &Observed) {
    match observed {
        Observed::Present(live) => known.insert(address.clone(), live.id.clone(), Some(live.outputs.clone())),
        Observed::Absent | Observed::Leaving(_) => known.remove(address),
    }
}

/// Looks at one resource.
pub(super) async fn observe_one<O: Observe>(
    provider: &O,
    address: &Address,
    id: Option<&crate::model::CloudId>,
    spec: &Spec,
    known: &Arc<Known>,
) -> Result<Observed, Error> {
    let look = Look { address: address.clone(), id: id.cloned(), spec: spec.clone() };
    let mut answers = provider.observe(vec![look], Arc::clone(known)).await;
    match answers.pop() {
        Some(answer) if answers.is_empty() => answer,
        _ => {
            Err(Error::local("platctl", "observe", "a provider gave another number of answers than of looks"))
        }
    }
}
