//! Any valid state, any configuration, any failing provider: what is recorded stays whole, plans keep their laws,
//! and the first run that nothing disturbs ends in what is wanted.

use std::collections::BTreeSet;
use std::sync::Arc;

use platctl::model::{Action, Address, Desired, Spec};
use platctl::plan::{Input, Plan, Purpose, Refusal, Scope, plan, write};
use platctl::provider::Class;
use platctl::provider::fake::{Fake, Fault};
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::support::{Disk, network, observed, verb, world};

/// A part of the network, with all that it needs, and a few of its fields otherwise.
#[derive(Clone, Debug)]
struct Wanted {
    kept: Vec<bool>,
    range: u8,
    names: bool,
    team: Option<u8>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    Up(Wanted, Vec<Fault>),
    Destroy(Vec<Fault>),
    /// Somebody changes a tag.
    Meddled(prop::sample::Index),
    /// Somebody removes something.
    Removed(prop::sample::Index),
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let kept = proptest::collection::vec(prop::bool::weighted(0.8), network().resources.len());
    (kept, 0..2_u8, any::<bool>(), proptest::option::of(0..3_u8))
        .prop_map(|(kept, range, names, team)| Wanted { kept, range, names, team })
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let classes = [Class::Denied, Class::Quota, Class::Conflict, Class::Unavailable, Class::Invalid];
    let fault = prop_oneof![
        12 => Just(Fault::None),
        1 => Just(Fault::LoseAnswer),
        1 => Just(Fault::LoseCall),
        1 => Just(Fault::DieBefore),
        1 => Just(Fault::DieAfter),
        2 => prop::sample::select(classes.to_vec()).prop_map(Fault::Refuse),
    ];
    proptest::collection::vec(fault, 0..40)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (wanted(), faults()).prop_map(|(wanted, faults)| Act::Up(wanted, faults)),
        1 => faults().prop_map(Act::Destroy),
        1 => any::<prop::sample::Index>().prop_map(Act::Meddled),
        1 => any::<prop::sample::Index>().prop_map(Act::Removed),
    ]
}

impl Wanted {
    fn desired(&self) -> Desired {
        let mut desired = network();
        let kept = desired.resources.keys().zip(&self.kept).filter(|(_, kept)| **kept);
        let mut open: Vec<Address> = kept.map(|(address, _)| address.clone()).collect();
        let mut all = BTreeSet::new();
        while let Some(address) = open.pop() {
            if all.insert(address.clone()) {
                open.extend(desired.resources[&address].refs());
            }
        }
        desired.resources.retain(|address, _| all.contains(address));
        for spec in desired.resources.values_mut() {
            if let Some(team) = self.team {
                spec.tags_mut().unwrap().insert("team".to_owned(), team.to_string());
            }
            if let Spec::Vpc(vpc) = spec {
                vpc.cidr = format!("10.{}.0.0/16", self.range).parse().unwrap();
                vpc.dns_hostnames = self.names;
            }
        }
        desired
    }
}

/// Runs a verb that meets faults, and may die of one.
async fn disturbed(fake: &Fake, disk: &mut Disk, desired: &Desired, (purpose, faults): (Purpose, &[Fault])) {
    let crash = Arc::new(Notify::new());
    fake.on_crash(Arc::clone(&crash));
    let (first, faults) = (fake.calls().len(), faults.to_vec());
    fake.script(move |number, _| faults.get(number - first).copied().unwrap_or(Fault::None));
    tokio::select! {
        biased;
        () = crash.notified() => {}
        outcome = verb(fake, disk, desired, purpose) => {
            let report = outcome.unwrap().report;
            assert!(report.left.is_empty() && report.aborted.is_empty(), "nobody stopped it");
        }
    }
    fake.script(|_, _| Fault::None);
    // What is recorded folds, whatever happened.
    disk.load();
}

/// Every step comes after what it needs, a delete after what referred to it, and nothing is done twice.
fn keeps_its_order(plan: &Plan, desired: &Desired) {
    let at = |address: &Address, action: Action| {
        plan.steps.iter().position(|step| step.address == *address && step.action == action)
    };
    for (place, step) in plan.steps.iter().enumerate() {
        let same = plan.steps.iter().filter(|o| o.address == step.address && o.action == step.action);
        assert_eq!(same.count(), 1, "{} twice", step.address);
        for needed in step.spec.refs() {
            match step.action {
                Action::Delete => {
                    assert!(at(&needed, Action::Delete).is_none_or(|other| place < other), "{needed} first");
                }
                Action::Create | Action::Update | Action::Adopt
                    if desired.resources.contains_key(&needed) =>
                {
                    assert!(at(&needed, Action::Create).is_none_or(|other| other < place), "{needed} later");
                }
                _ => {}
            }
        }
    }
}

async fn laws_hold(fake: &Fake, disk: &Disk, desired: &Desired) {
    let state = disk.load();
    let observed = observed(fake, &state, desired).await;
    let scope = Scope::default();
    for purpose in [Purpose::Up, Purpose::Destroy] {
        let input = Input { desired, state: &state, observed: &observed, purpose, scope: &scope };
        let one = plan(input).unwrap();
        assert_eq!(write(&one), write(&plan(input).unwrap()), "the same input gives the same bytes");
        keeps_its_order(&one, desired);
        let mut protected = desired.clone();
        protected.protect = true;
        let deletes = one.steps.iter().any(|step| step.action == Action::Delete);
        let refused = plan(Input { desired: &protected, ..input });
        assert_eq!(matches!(refused, Err(Refusal::Protected { .. })), deletes, "what is protected stays");
    }
}

/// Each resource that is wanted stands, once, with nothing of it to change, and nothing else does. What is for the order
/// only (the internet gateway of a NAT gateway) may name one that somebody removed and that was made again.
fn stands(fake: &Fake, wanted: &Desired) {
    let there = fake.inventory();
    let [found, expected]: [Vec<&Address>; 2] = [there.keys().collect(), wanted.resources.keys().collect()];
    assert_eq!(found, expected);
    for (address, specs) in &there {
        assert_eq!(specs.len(), 1, "{address} has a twin: {specs:?}");
        let changes = wanted.resources[address].changes(&specs[0]).expect("of one kind");
        assert!(changes.is_empty(), "{address}: {changes:?}");
    }
}

async fn lives_through(acts: &[Act], last: &Desired) {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    let mut desired = Desired { environment: "dev".to_owned(), ..Desired::default() };
    for act in acts {
        let there: Vec<Address> = fake.inventory().into_keys().collect();
        let chosen = |index: &prop::sample::Index| there.get(index.index(there.len().max(1))).cloned();
        match act {
            Act::Up(wanted, faults) => {
                desired = wanted.desired();
                disturbed(&fake, &mut disk, &desired, (Purpose::Up, faults)).await;
            }
            Act::Destroy(faults) => {
                disturbed(&fake, &mut disk, &desired, (Purpose::Destroy, faults)).await;
            }
            Act::Meddled(index) => {
                if let Some(address) = chosen(index) {
                    fake.meddle(&address, |spec| {
                        spec.tags_mut().unwrap().insert("Name".to_owned(), "meddled".to_owned());
                    });
                }
            }
            Act::Removed(index) => {
                if let Some(address) = chosen(index) {
                    fake.remove(&address);
                }
            }
        }
    }
    laws_hold(&fake, &disk, last).await;
    let outcome = verb(&fake, &mut disk, last, Purpose::Up).await.unwrap();
    let failed: Vec<_> = outcome.report.failed.iter().map(|failure| format!("{:?}", failure.error)).collect();
    assert!(outcome.report.is_complete(), "{failed:?} of {:?}", outcome.plan.steps);
    stands(&fake, last);
    let outcome = verb(&fake, &mut disk, last, Purpose::Destroy).await.unwrap();
    assert!(outcome.report.is_complete());
    assert_eq!(fake.inventory(), world(&Desired::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_before_an_undisturbed_run_ends_in_what_is_wanted(
        acts in proptest::collection::vec(act(), 0..6),
        last in wanted(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(lives_through(&acts, &last.desired()));
    }
}
