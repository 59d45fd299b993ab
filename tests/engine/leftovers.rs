//! What a cluster gave birth to: when it goes.

use std::collections::BTreeMap;

use platctl::model::ec2::{Leftover, LeftoverKind};
use platctl::model::eks::{AuthenticationMode, Cluster, IpFamily, Support};
use platctl::model::{Action, Address, Desired, Live, NoOutputs, Observed, Outputs, Readiness, Ref, Spec};
use platctl::plan::{Input, Plan, Purpose, Scope, lint, plan};
use platctl::provider::fake::Fake;
use platctl::state::State;

use crate::support::{Disk, address, network, observed, reference, tags, verb};

/// The network, with a cluster in it.
fn with_cluster() -> Desired {
    let mut desired = network();
    let at = address("cluster.main");
    let spec = Cluster {
        name: "dev".to_owned(),
        version: "1.33".to_owned(),
        role: Ref::external("arn:role"),
        subnets: vec![reference("public"), reference("private")],
        security_groups: vec![],
        private_endpoint: true,
        public_endpoint: false,
        public_ranges: Default::default(),
        logging: Default::default(),
        encryption_key: None,
        authentication: AuthenticationMode::Api,
        creator_is_admin: true,
        bootstrap_addons: true,
        support: Support::Standard,
        deletion_protection: false,
        service_range: None,
        ip_family: IpFamily::Ipv4,
        log_group: None,
        tags: tags(&at),
    };
    desired.resources.insert(at, spec.into());
    desired
}

/// Something of which nothing is known but what it is.
fn leftover(what: LeftoverKind, id: &str) -> Leftover {
    Leftover {
        what,
        id: id.to_owned(),
        name: id.to_owned(),
        detail: String::new(),
        data_loss: what == LeftoverKind::Volume,
        cost_a_day: None,
        vpc: None,
        subnets: vec![],
        security_groups: vec![],
        internet_gateway: None,
    }
}

/// A load balancer in the public subnet, a volume, and the clause for what comes meanwhile.
fn left() -> [Leftover; 3] {
    let balancer = Leftover {
        vpc: Some(reference("main")),
        subnets: vec![reference("public")],
        security_groups: vec![reference("nodes")],
        internet_gateway: Some(reference("main")),
        ..leftover(LeftoverKind::LoadBalancer, "lb")
    };
    let clause = Leftover { vpc: Some(reference("main")), ..leftover(LeftoverKind::Meanwhile, "dev") };
    [clause, balancer, leftover(LeftoverKind::Volume, "vol-1")]
}

fn seen(leftover: &Leftover) -> (Address, Observed) {
    let live = Live {
        id: leftover.id.as_str().into(),
        spec: leftover.clone().into(),
        outputs: Outputs::Leftover(NoOutputs {}),
        readiness: Readiness::Ready,
    };
    (leftover.address(), Observed::Present(Box::new(live)))
}

struct Destroy {
    desired: Desired,
    state: State,
    observed: BTreeMap<Address, Observed>,
}

impl Destroy {
    async fn of_what_stands() -> Self {
        let (desired, fake, mut disk) = (with_cluster(), Fake::default(), Disk::default());
        let outcome = verb(&fake, &mut disk, &desired, Purpose::Up).await.unwrap();
        assert!(outcome.report.is_complete(), "{:?}", outcome.report.failed);
        let state = disk.load();
        let mut observed = observed(&fake, &state, &desired).await;
        observed.extend(left().iter().map(seen));
        Self { desired, state, observed }
    }

    fn plan(&self, only: &[Address]) -> Plan {
        let scope = Scope { only: only.iter().cloned().collect(), ..Scope::default() };
        let Self { desired, state, observed } = self;
        let input = Input { desired, state, observed, purpose: Purpose::Destroy, scope: &scope };
        let plan = plan(input).unwrap();
        assert_eq!(lint(&plan, state), []);
        plan
    }
}

/// Whether a step waits for another, directly or not.
fn waits(plan: &Plan, step: &Address, before: &Address) -> bool {
    let place = |at: &Address| plan.steps.iter().position(|step| step.address == *at).unwrap();
    plan.dag().ahead([place(step)])[place(before)]
}

#[tokio::test]
async fn it_goes_after_the_cluster_and_before_what_it_holds() {
    let plan = Destroy::of_what_stands().await.plan(&[]);
    assert_eq!(plan.totals().of(Action::Delete), with_cluster().resources.len() + left().len());
    let [clause, balancer, volume] = left().map(|leftover| leftover.address());
    for leftover in [&clause, &balancer, &volume] {
        assert!(waits(&plan, leftover, &address("cluster.main")), "{leftover} would be made anew");
    }
    for held in ["subnet.public", "security_group.nodes", "internet_gateway.main"] {
        assert!(waits(&plan, &address(held), &balancer), "{held}");
        assert!(!waits(&plan, &address(held), &volume), "a volume holds nothing: {held}");
    }
    assert!(waits(&plan, &address("vpc.main"), &balancer) && waits(&plan, &address("vpc.main"), &clause));
    // What was planned goes as planned; the clause is for the rest.
    assert!(waits(&plan, &clause, &balancer) && waits(&plan, &clause, &volume));
    assert!(!waits(&plan, &volume, &balancer) && !waits(&plan, &balancer, &volume));
    assert!(!waits(&plan, &address("elastic_ip.nat"), &clause), "it has nothing to do with it");
}

#[tokio::test]
async fn a_target_takes_along_what_is_left_in_it_and_nothing_else() {
    let destroy = Destroy::of_what_stands().await;
    let [clause, balancer, volume] = left().map(|leftover| leftover.address());
    let plan = destroy.plan(&[address("security_group.nodes")]);
    let steps: Vec<&Address> = plan.steps.iter().map(|step| &step.address).collect();
    assert_eq!(steps, [&balancer, &address("security_group.nodes")]);
    let plan = destroy.plan(&[address("vpc.main")]);
    assert!(plan.steps.iter().any(|step| step.address == clause));
    let skipped: Vec<&Address> = plan.skipped.iter().map(|(address, _)| address).collect();
    assert_eq!(skipped, [&address("elastic_ip.nat"), &volume]);
}

#[tokio::test]
async fn one_that_a_cut_destroy_recorded_is_left_to_the_next_one() {
    let Destroy { desired, mut state, mut observed } = Destroy::of_what_stands().await;
    let (_, balancer, _) = left().into();
    let at = balancer.address();
    let record = platctl::state::Record {
        id: "lb".into(),
        spec: Spec::from(balancer),
        intended: None,
        outputs: None,
        deleting: true,
    };
    state.resources.insert(at.clone(), platctl::state::Status::Present(Box::new(record)));
    observed.retain(|address, _| *address == at || desired.resources.contains_key(address));
    let scope = Scope::default();
    let input =
        |purpose| Input { desired: &desired, state: &state, observed: &observed, purpose, scope: &scope };
    let up = plan(input(Purpose::Up)).unwrap();
    let steps: Vec<_> = up.steps.iter().map(|step| (&step.address, step.action)).collect();
    assert_eq!(steps, [(&at, Action::Forget)]);
    let destroy = plan(input(Purpose::Destroy)).unwrap();
    let step = destroy.steps.iter().find(|step| step.address == at).unwrap();
    assert_eq!(step.action, Action::Delete);
}
