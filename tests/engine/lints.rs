//! The second opinion on plans: what it finds in plans that were spoiled.

use platctl::model::{Action, Address, Desired};
use platctl::plan::{Fault, Plan, Purpose, lint};
use platctl::provider::fake::Fake;
use platctl::state::State;

use crate::support::{Disk, address, network, planned, verb};

/// A plan that makes all of the network.
async fn making() -> (Plan, State) {
    let state = State::new("test");
    (planned(&Fake::default(), &state, &network(), Purpose::Up).await.unwrap(), state)
}

/// A plan for what stands.
async fn for_standing(desired: &Desired, purpose: Purpose) -> (Plan, State) {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    let state = disk.load();
    (planned(&fake, &state, desired, purpose).await.unwrap(), state)
}

fn place(plan: &Plan, at: &str) -> usize {
    plan.steps.iter().position(|step| step.address == address(at)).unwrap()
}

/// Puts a step first, where it waits for nothing.
fn first(plan: &mut Plan, at: &str) -> Address {
    let mut step = plan.steps.remove(place(plan, at));
    plan.steps.iter_mut().for_each(|step| step.after.clear());
    step.after.clear();
    let address = step.address.clone();
    plan.steps.insert(0, step);
    address
}

#[tokio::test]
async fn a_step_that_waits_for_a_later_one_or_itself_is_found() {
    let (mut plan, state) = making().await;
    plan.steps[1].after = vec![1];
    plan.steps[2].after = vec![5];
    assert_eq!(lint(&plan, &state), [Fault::Order(1), Fault::Order(2)]);
}

#[tokio::test]
async fn what_is_made_before_what_it_refers_to_is_found() {
    let (mut plan, state) = making().await;
    let nat = first(&mut plan, "nat_gateway.main");
    let early = |to: &str| Fault::Early(nat.clone(), address(to));
    let mut found = lint(&plan, &state);
    found.sort_by_key(ToString::to_string);
    assert_eq!(found, [early("elastic_ip.nat"), early("internet_gateway.main"), early("subnet.public")]);
}

#[tokio::test]
async fn what_is_removed_while_others_refer_to_it_is_found() {
    let (mut plan, state) = for_standing(&network(), Purpose::Destroy).await;
    let address_of_nat = first(&mut plan, "elastic_ip.nat");
    assert_eq!(lint(&plan, &state), [Fault::Held(address_of_nat, address("nat_gateway.main"))]);
}

#[tokio::test]
async fn what_is_done_twice_or_undone_is_found() {
    let (mut plan, state) = making().await;
    let mut again = plan.steps[place(&plan, "security_group.nodes")].clone();
    again.after.clear();
    let group = again.address.clone();
    plan.steps.push(again.clone());
    assert_eq!(lint(&plan, &state), [Fault::Twice(group.clone())]);
    let last = plan.steps.last_mut().unwrap();
    (last.action, last.id) = (Action::Delete, Some("sg-1".into()));
    assert_eq!(lint(&plan, &state), [Fault::Undone(group.clone())]);
    plan.steps.last_mut().unwrap().action = Action::Forget;
    assert_eq!(lint(&plan, &state), [Fault::Undone(group)]);
}

#[tokio::test]
async fn what_is_changed_without_an_id_is_found() {
    let (mut plan, state) = for_standing(&network(), Purpose::Destroy).await;
    plan.steps[0].id = None;
    let unidentified = Fault::Unidentified(plan.steps[0].address.clone());
    assert_eq!(lint(&plan, &state), std::slice::from_ref(&unidentified));
    // To forget nothing has to be known.
    plan.steps[0].action = Action::Forget;
    assert_eq!(lint(&plan, &state), []);
    for action in [Action::NoOp, Action::Replace] {
        plan.steps[0].action = action;
        assert!(lint(&plan, &state).contains(&unidentified), "{action:?}");
    }
    let mut desired = network();
    desired.resources.get_mut(&address("vpc.main")).unwrap().tags_mut().unwrap().remove("Name");
    let (mut plan, state) = for_standing(&desired, Purpose::Up).await;
    assert_eq!(plan.steps[0].action, Action::Update);
    plan.steps[0].id = None;
    for action in [Action::Update, Action::Adopt] {
        plan.steps[0].action = action;
        assert_eq!(lint(&plan, &state), [Fault::Unidentified(address("vpc.main"))], "{action:?}");
    }
}
