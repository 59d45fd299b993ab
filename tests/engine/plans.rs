//! Laws of plans.

use std::collections::BTreeSet;
use std::time::Duration;

use platctl::model::iam::{Policy, ServiceLinkedRole};
use platctl::model::{Action, Address, Origin, Spec};
use platctl::plan::{Input, Purpose, Reason, Refusal, SavedError, Scope, fingerprint, plan, read, write};
use platctl::provider::fake::Fake;
use platctl::state::store::Journal;
use platctl::state::{Entry, Intent, Line, Measured, State, Status};

use crate::support::{Disk, address, network, observed, planned, verb, world};

async fn standing() -> (Fake, Disk) {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory(), world(&network()));
    (fake, disk)
}

fn vpc(desired: &mut platctl::model::Desired) -> &mut platctl::model::ec2::Vpc {
    match desired.resources.get_mut(&address("vpc.main")) {
        Some(Spec::Vpc(vpc)) => vpc,
        _ => panic!("no VPC"),
    }
}

#[tokio::test]
async fn a_plan_of_what_stands_is_empty_and_reads_everything_once() {
    let (fake, disk) = standing().await;
    let before = fake.looks();
    assert!(planned(&fake, &disk.load(), &network(), Purpose::Up).await.unwrap().is_empty());
    assert_eq!(fake.looks() - before, network().resources.len());
}

#[tokio::test]
async fn a_lost_state_is_adopted_and_nothing_is_made_twice() {
    let (fake, _) = standing().await;
    let mut disk = Disk::default();
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    assert_eq!(outcome.plan.totals().of(Action::Adopt), network().resources.len());
    assert_eq!(fake.inventory(), world(&network()));
    assert!(planned(&fake, &disk.load(), &network(), Purpose::Up).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_state_is_destroyed_all_the_same() {
    let (fake, _) = standing().await;
    let outcome = verb(&fake, &mut Disk::default(), &network(), Purpose::Destroy).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert!(fake.inventory().is_empty());
}

#[tokio::test]
async fn drift_is_told_from_configuration() {
    let (fake, disk) = standing().await;
    fake.meddle(&address("subnet.public"), |spec| {
        spec.tags_mut().unwrap().remove("Name");
        spec.tags_mut().unwrap().insert("cost-center".to_owned(), "somebody else's".to_owned());
    });
    let mut desired = network();
    vpc(&mut desired).dns_hostnames = false;
    let plan = planned(&fake, &disk.load(), &desired, Purpose::Up).await.unwrap();
    let found: Vec<(String, String, Origin)> = plan
        .steps
        .iter()
        .flat_map(|s| s.changes.iter().map(|c| (s.address.to_string(), c.change.field.clone(), c.origin)))
        .collect();
    let expected =
        [("vpc.main", "dns_hostnames", Origin::Configuration), ("subnet.public", "tags.Name", Origin::Drift)]
            .map(|(a, f, o)| (a.to_owned(), f.to_owned(), o));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_vanished_is_made_again_and_what_hung_on_it_follows() {
    let (fake, mut disk) = standing().await;
    fake.remove(&address("nat_gateway.main"));
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    let steps: Vec<(String, Action, &Reason)> =
        outcome.plan.steps.iter().map(|s| (s.address.to_string(), s.action, &s.reason)).collect();
    let expected = [
        ("nat_gateway.main".to_owned(), Action::Create, &Reason::Vanished),
        ("route_table.private".to_owned(), Action::Update, &Reason::Differs),
    ];
    assert_eq!(steps, expected);
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory(), world(&network()));
}

#[tokio::test]
async fn a_replacement_takes_along_what_cannot_be_moved_and_moves_the_rest() {
    let (fake, mut disk) = standing().await;
    let mut desired = network();
    vpc(&mut desired).cidr = "10.1.0.0/16".parse().unwrap();
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Up).await.unwrap();
    let replaced: BTreeSet<String> =
        outcome.plan.steps.iter().filter(|s| s.replaces).map(|s| s.address.to_string()).collect();
    let all = [
        "vpc.main",
        "internet_gateway.main",
        "subnet.public",
        "subnet.private",
        "nat_gateway.main",
        "route_table.public",
        "route_table.private",
        "security_group.nodes",
    ];
    assert_eq!(replaced, all.map(str::to_owned).into());
    assert_eq!(outcome.plan.totals().of(Action::Replace), all.len());
    let origin = |at: &str| {
        let step = outcome.plan.steps.iter().find(|s| s.address == address(at) && s.action == Action::Create);
        step.unwrap().changes[0].origin
    };
    assert_eq!((origin("vpc.main"), origin("subnet.public")), (Origin::Configuration, Origin::Replacement));
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory(), world(&desired));
}

#[tokio::test]
async fn what_is_no_longer_desired_goes_after_what_referred_to_it() {
    let (fake, mut disk) = standing().await;
    let mut desired = network();
    for gone in ["nat_gateway.main", "elastic_ip.nat", "route_table.private", "subnet.private"] {
        desired.resources.remove(&address(gone));
    }
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Up).await.unwrap();
    let at = |name: &str| outcome.plan.steps.iter().position(|s| s.address == address(name)).unwrap();
    assert!(at("route_table.private") < at("nat_gateway.main"));
    assert!(at("nat_gateway.main") < at("elastic_ip.nat"));
    assert!(at("route_table.private") < at("subnet.private"));
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory(), world(&desired));
}

#[tokio::test]
async fn what_goes_while_what_it_hangs_on_is_replaced_is_not_taken_for_changed() {
    let (fake, mut disk) = standing().await;
    let mut desired = network();
    vpc(&mut desired).cidr = "10.1.0.0/16".parse().unwrap();
    desired.resources.remove(&address("security_group.nodes"));
    let outcome = verb(&fake, &mut disk, &desired, Purpose::Up).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert_eq!(fake.inventory(), world(&desired));
}

#[tokio::test]
async fn what_is_protected_stays() {
    let (fake, mut disk) = standing().await;
    let mut desired = network();
    desired.protect = true;
    let refused = verb(&fake, &mut disk, &desired, Purpose::Destroy).await;
    assert!(matches!(refused, Err(Refusal::Protected { removed, .. }) if removed.len() == 9));
    vpc(&mut desired).cidr = "10.1.0.0/16".parse().unwrap();
    let refused = verb(&fake, &mut disk, &desired, Purpose::Up).await;
    assert!(matches!(refused, Err(Refusal::Protected { .. })));
    assert_eq!(fake.inventory(), world(&network()));
}

#[tokio::test]
async fn a_target_takes_what_it_needs_and_an_exclusion_what_needs_it() {
    let fake = Fake::default();
    let (desired, state) = (network(), State::new("test"));
    let observed = observed(&fake, &state, &desired).await;
    let steps = |scope: Scope| {
        let input = Input {
            desired: &desired,
            state: &state,
            observed: &observed,
            purpose: Purpose::Up,
            scope: &scope,
        };
        plan(input).map(|plan| {
            let steps: Vec<String> = plan.steps.iter().map(|s| s.address.to_string()).collect();
            (steps, plan.skipped.len())
        })
    };
    let set = |text: &str| BTreeSet::from([address(text)]);
    let only = Scope { only: set("subnet.public"), ..Scope::default() };
    assert_eq!(steps(only).unwrap(), (vec!["vpc.main".to_owned(), "subnet.public".to_owned()], 7));
    let except = Scope { except: set("nat_gateway.main"), ..Scope::default() };
    let (kept, skipped) = steps(except).unwrap();
    assert_eq!((kept.len(), skipped), (7, 2));
    assert!(!kept.contains(&"route_table.private".to_owned()));
    let nobody = Scope { only: set("subnet.nowhere"), ..Scope::default() };
    assert_eq!(steps(nobody), Err(Refusal::UnknownTarget(address("subnet.nowhere"))));
}

#[tokio::test]
async fn the_same_input_gives_the_same_bytes_and_a_saved_plan_reads_back() {
    let (fake, disk) = standing().await;
    fake.remove(&address("vpc.main"));
    let one = planned(&fake, &disk.load(), &network(), Purpose::Up).await.unwrap();
    let other = planned(&fake, &disk.load(), &network(), Purpose::Up).await.unwrap();
    assert_eq!(write(&one), write(&other));
    assert_eq!(read(&write(&one)).unwrap(), one);
    assert!(read(b"{}").is_err() && read(b"[1").is_err());
    let newer = String::from_utf8(write(&one)).unwrap().replace("\"version\": 1", "\"version\": 99");
    assert!(read(newer.as_bytes()).unwrap_err().to_string().contains("99"));
}

#[test]
fn a_reference_to_nothing_is_refused_by_name() {
    let mut desired = network();
    desired.resources.remove(&address("vpc.main"));
    let state = State::new("test");
    let observed = Default::default();
    let scope = Scope::default();
    let input =
        Input { desired: &desired, state: &state, observed: &observed, purpose: Purpose::Up, scope: &scope };
    let Err(Refusal::Dangling { to, .. }) = plan(input) else { panic!("not refused") };
    assert_eq!(to, Address::clone(&address("vpc.main")));
}

#[tokio::test]
async fn what_the_account_shares_is_forgotten_and_stays() {
    let shared = address("service_linked_role.node-groups");
    let spec: Spec = ServiceLinkedRole { service: "eks-nodegroup.amazonaws.com".to_owned() }.into();
    let mut with = network();
    with.resources.insert(shared.clone(), spec);
    for (left, purpose) in [(network(), Purpose::Up), (with.clone(), Purpose::Destroy)] {
        let (fake, mut disk) = (Fake::default(), Disk::default());
        verb(&fake, &mut disk, &with, Purpose::Up).await.unwrap();
        let outcome = verb(&fake, &mut disk, &left, purpose).await.unwrap();
        assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
        let step = outcome.plan.steps.iter().find(|step| step.address == shared).unwrap();
        assert_eq!(step.action, Action::Forget);
        assert!(fake.inventory().contains_key(&shared), "it stays for the account's others");
        assert!(disk.load().record(&shared).is_none());
    }
    // A destroy that knows of it by the configuration alone leaves it out.
    let (fake, mut disk) = (Fake::default(), Disk::default());
    verb(&fake, &mut disk, &with, Purpose::Up).await.unwrap();
    let outcome = verb(&fake, &mut Disk::default(), &with, Purpose::Destroy).await.unwrap();
    assert!(outcome.plan.steps.iter().all(|step| step.address != shared));
}

#[tokio::test]
async fn what_was_done_before_is_forecast_by_what_it_took() {
    let (fake, mut disk) = standing().await;
    let destroy = planned(&fake, &disk.load(), &network(), Purpose::Destroy).await.unwrap();
    assert!(destroy.steps.iter().all(|step| step.measured_ms.is_none()), "nothing was ever deleted");
    assert!(!destroy.forecast().is_measured);
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Destroy).await.unwrap();
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);

    let mut state = disk.load();
    let took = Measured::of(&state.durations);
    let up = planned(&fake, &state, &network(), Purpose::Up).await.unwrap();
    assert_eq!(up.steps.len(), network().resources.len());
    for step in &up.steps {
        assert!(step.measured_ms.is_some(), "{}", step.address);
        assert_eq!(step.measured_ms, took.step(&step.address, Action::Create));
    }
    assert!(up.forecast().is_measured);
    assert!(up.steps.iter().any(|step| step.measured_ms > Some(0)), "the fake lets wait");

    // What took longest decides what is begun first, and it is the chain that is told.
    let slow = address("security_group.nodes");
    state.durations.get_mut(&slow).unwrap().create = Some(3_600_000);
    let up = planned(&fake, &state, &network(), Purpose::Up).await.unwrap();
    let forecast = up.forecast();
    assert!(forecast.time >= Duration::from_secs(3600));
    assert_eq!(forecast.path.last().map(|&step| &up.steps[step].address), Some(&slow));
}

#[test]
fn a_fingerprint_is_of_the_meaning_of_a_document() {
    let policy = |document: serde_json::Value| -> Spec {
        let (name, path, description) = ("deploy".to_owned(), "/".to_owned(), String::new());
        Policy { name, path, description, document: document.into(), tags: Default::default() }.into()
    };
    let print = |document| fingerprint(&policy(document), None, None);
    let written =
        print(serde_json::json!({"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"]}]}));
    let read =
        print(serde_json::json!({"Statement": [{"Action": ["s3:List*", "s3:Get*"], "Effect": "Allow"}]}));
    let other = print(serde_json::json!({"Statement": [{"Action": ["s3:List*"], "Effect": "Allow"}]}));
    assert_eq!(written, read);
    assert_ne!(written, other);
}

#[tokio::test]
async fn others_refer_to_what_is_there_and_not_to_what_is_recorded() {
    let (fake, disk) = standing().await;
    let (desired, mut state) = (network(), disk.load());
    let observed = observed(&fake, &state, &desired).await;
    let Some(Status::Present(record)) = state.resources.get_mut(&address("vpc.main")) else {
        panic!("no VPC")
    };
    record.id = "vpc-of-old".into();
    let scope = Scope::default();
    let purpose = Purpose::Up;
    let plan = plan(Input { desired: &desired, state: &state, observed: &observed, purpose, scope: &scope });
    let steps: Vec<(String, Action)> =
        plan.unwrap().steps.iter().map(|step| (step.address.to_string(), step.action)).collect();
    assert_eq!(steps, [("vpc.main".to_owned(), Action::Adopt)]);
}

#[tokio::test]
async fn a_refusal_names_the_first_few_and_counts_the_rest() {
    let (fake, disk) = standing().await;
    let mut desired = network();
    desired.protect = true;
    let refused = planned(&fake, &disk.load(), &desired, Purpose::Destroy).await.unwrap_err().to_string();
    let (told, named) = refused.split_once("would remove ").unwrap();
    assert_eq!(told, "the environment `dev` is protected, and the plan ");
    let (named, more) = named.split_once(" and ").unwrap();
    assert_eq!((named.split(", ").count(), more), (6, "3 more"));
    assert!(named.split(", ").all(|name| desired.resources.contains_key(&address(name))), "{named}");

    let circle = Refusal::Cycle(vec![address("vpc.main"), address("subnet.public")]);
    assert!(circle.to_string().ends_with("in a circle: vpc.main, subnet.public"), "{circle}");
}

#[tokio::test]
async fn a_delete_that_was_announced_and_not_begun_is_taken_back_where_it_is_wanted() {
    let (fake, mut disk) = standing().await;
    let serial = disk.load().serial + 1;
    let (at, run) = (jiff::Timestamp::UNIX_EPOCH, "cut".to_owned());
    let entry = Entry::Intent(Intent::Delete);
    disk.append(&[Line { serial, at, run, address: address("vpc.main"), entry, took_ms: None }])
        .await
        .unwrap();
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    let steps: Vec<_> =
        outcome.plan.steps.iter().map(|step| (&step.address, step.action, &step.reason)).collect();
    assert_eq!(steps, [(&address("vpc.main"), Action::Adopt, &Reason::Unrecorded)]);
    assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
    assert!(planned(&fake, &disk.load(), &network(), Purpose::Up).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_step_takes_as_long_as_is_typical_on_aws_at_the_pace_of_a_sandbox_or_as_it_took() {
    let state = State::new("test");
    let mut plan = planned(&Fake::default(), &state, &network(), Purpose::Up).await.unwrap();
    assert!(!plan.is_empty());
    let step = plan.steps.iter_mut().find(|step| step.address == address("nat_gateway.main")).unwrap();
    let typical = step.address.kind.timing().create;
    assert!(typical > Duration::ZERO);
    assert_eq!((step.duration(), step.duration_at(0.25)), (typical, typical / 4));
    step.measured_ms = Some(1500);
    let took = Duration::from_millis(1500);
    assert_eq!((step.duration(), step.duration_at(0.25)), (took, took));
    step.measured_ms = None;
    let timing = step.address.kind.timing();
    for (action, time) in
        [(Action::Delete, timing.delete), (Action::Update, timing.update), (Action::Forget, Duration::ZERO)]
    {
        step.action = action;
        assert_eq!(step.duration(), time, "{action:?}");
    }
}

#[tokio::test]
async fn a_saved_plan_whose_steps_wait_for_nothing_or_for_each_other_is_refused() {
    let state = State::new("test");
    let plan = planned(&Fake::default(), &state, &network(), Purpose::Up).await.unwrap();
    for after in [vec![plan.steps.len()], vec![1], vec![0]] {
        let mut spoiled = plan.clone();
        spoiled.steps[0].after.clone_from(&after);
        spoiled.steps[1].after = vec![0];
        assert!(matches!(read(&write(&spoiled)), Err(SavedError::Cycle)), "{after:?}");
    }
}
