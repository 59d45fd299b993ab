//! How long a plan of ten thousand resources takes, and how much memory.
//!
//! `cargo bench --bench plan`. Prints, for an environment that is not there yet and for one that stands, the best
//! and the median of several plans, and the process's peak memory.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use platctl::model::ec2::{RouteTable, SecurityGroup, Subnet, Vpc, VpcOutputs};
use platctl::model::{
    ADDRESS_TAG, Address, Desired, ENVIRONMENT_TAG, Live, Name, Observed, Outputs, Readiness, Ref, Resource,
    Spec, Tags,
};
use platctl::plan::{Input, Purpose, Scope, plan};
use platctl::state::{Record, State, Status};

const RESOURCES: usize = 10_000;
const ROUNDS: usize = 15;

fn main() {
    let desired = desired();
    let (nothing, standing) = (State::new("bench"), state(&desired));
    let absent = desired.resources.keys().map(|address| (address.clone(), Observed::Absent)).collect();
    measure("from nothing", (&desired, &nothing), &absent);
    measure("no change", (&desired, &standing), &observed(&standing));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("peak memory: {}", line.trim_start_matches("VmHWM:").trim());
    }
}

fn measure(name: &str, (desired, state): (&Desired, &State), observed: &BTreeMap<Address, Observed>) {
    let scope = Scope::default();
    let mut times: Vec<Duration> = Vec::new();
    let mut steps = 0;
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let input = Input { desired, state, observed, purpose: Purpose::Up, scope: &scope };
        steps = plan(input).unwrap().steps.len();
        times.push(since.elapsed());
    }
    times.sort();
    println!(
        "{} resources, {name}: {steps} steps, best {:?}, median {:?}",
        desired.resources.len(),
        times[0],
        times[ROUNDS / 2]
    );
}

fn reference<K: Resource>(name: &str) -> Ref<K> {
    Ref::managed(Name::new(name).unwrap())
}

fn desired() -> Desired {
    let mut resources = BTreeMap::new();
    let mut add = |address: String, make: &dyn Fn(Tags) -> Spec| {
        let address: Address = address.parse().unwrap();
        let tags = [(ENVIRONMENT_TAG, "bench".to_owned()), (ADDRESS_TAG, address.to_string())];
        let tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        resources.insert(address, make(tags));
    };
    let cidr = |text: &str| text.parse().unwrap();
    add("vpc.main".to_owned(), &|tags| {
        Vpc { cidr: cidr("10.0.0.0/8"), dns_support: true, dns_hostnames: true, tags }.into()
    });
    for at in 0..(RESOURCES - 1) / 3 {
        add(format!("subnet.s{at}"), &|tags| {
            let range = format!("10.{}.{}.0/24", at / 256, at % 256);
            let (vpc, zone) = (reference("main"), "a".to_owned());
            Subnet { vpc, zone, cidr: cidr(&range), public_addresses: false, tags }.into()
        });
        add(format!("route_table.r{at}"), &|tags| {
            let subnets = vec![reference(&format!("s{at}"))];
            RouteTable { vpc: reference("main"), routes: BTreeMap::new(), subnets, tags }.into()
        });
        add(format!("security_group.g{at}"), &|tags| {
            let (name, description) = (format!("g{at}"), "bench".to_owned());
            SecurityGroup { vpc: reference("main"), name, description, ingress: vec![], egress: vec![], tags }
                .into()
        });
    }
    Desired { environment: "bench".to_owned(), protect: false, resources }
}

/// Everything recorded as finished.
fn state(desired: &Desired) -> State {
    let mut state = State::new("bench");
    for (address, spec) in &desired.resources {
        let outputs: Outputs = serde_json::from_value(serde_json::json!({
            "kind": address.kind, "outputs": {"arn": format!("arn:{address}"), "name": "n"},
        }))
        .unwrap_or_else(|_| Outputs::Vpc(VpcOutputs { arn: "arn".to_owned() }));
        let record = Record {
            id: format!("id-{address}").into(),
            spec: spec.clone(),
            intended: None,
            outputs: Some(outputs),
            deleting: false,
        };
        state.resources.insert(address.clone(), Status::Present(Box::new(record)));
    }
    state
}

/// Everything seen as it is recorded.
fn observed(state: &State) -> BTreeMap<Address, Observed> {
    let live = |record: &Record| Live {
        id: record.id.clone(),
        spec: record.spec.clone(),
        outputs: record.outputs.clone().unwrap(),
        readiness: Readiness::Ready,
    };
    state
        .records()
        .map(|(address, record)| (address.clone(), Observed::Present(Box::new(live(record)))))
        .collect()
}
