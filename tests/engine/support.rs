//! A network to plan, a journal in memory, and one function that does what `up` and `destroy` do.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platctl::apply::{Cancel, Clock, Events, Report, Run, Settings, Writer, looks, observe, recover};
use platctl::model::ec2::{
    ElasticIp, InternetGateway, NatGateway, RouteTable, RouteTarget, SecurityGroup, Subnet, Vpc,
};
use platctl::model::{
    ADDRESS_TAG, Address, Desired, ENVIRONMENT_TAG, Name, Observed, Ref, Resource, Spec, Tags,
};
use platctl::plan::{Input, Plan, Purpose, Refusal, Scope, lint, plan};
use platctl::provider::fake::Fake;
use platctl::state::store::{Error, Journal, decode, encode_header, encode_line};
use platctl::state::{Line, State};
use tokio::sync::Notify;

/// A timer on which every wait ends at once, having taken its time.
#[derive(Default)]
pub(crate) struct Stepping(AtomicU64);

impl platctl::provider::Clock for Stepping {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::SeqCst);
        Box::pin(tokio::task::yield_now())
    }
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn reference<K: Resource>(name: &str) -> Ref<K> {
    Ref::managed(Name::new(name).unwrap())
}

pub(crate) fn tags(address: &Address) -> Tags {
    [
        (ENVIRONMENT_TAG, "dev".to_owned()),
        (ADDRESS_TAG, address.to_string()),
        ("Name", address.name.to_string()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// A VPC with an internet gateway, two subnets, a NAT gateway with its address, and two route tables: every
/// class of recovery that EC2 has.
pub(crate) fn network() -> Desired {
    let mut resources = BTreeMap::new();
    let mut add = |at: &str, make: &dyn Fn(Tags) -> Spec| {
        let at = address(at);
        let spec = make(tags(&at));
        resources.insert(at, spec);
    };
    let cidr = |text: &str| text.parse().unwrap();
    add("vpc.main", &|tags| {
        Vpc { cidr: cidr("10.0.0.0/16"), dns_support: true, dns_hostnames: true, tags }.into()
    });
    add("internet_gateway.main", &|tags| InternetGateway { vpc: Some(reference("main")), tags }.into());
    for (name, range, public_addresses) in
        [("public", "10.0.0.0/24", true), ("private", "10.0.1.0/24", false)]
    {
        add(&format!("subnet.{name}"), &|tags| {
            let (vpc, zone) = (reference("main"), "a".to_owned());
            Subnet { vpc, zone, cidr: cidr(range), public_addresses, tags }.into()
        });
    }
    add("elastic_ip.nat", &|tags| ElasticIp { tags }.into());
    add("nat_gateway.main", &|tags| {
        let (subnet, internet_gateway) = (reference("public"), Some(reference("main")));
        NatGateway { subnet, address: Some(reference("nat")), internet_gateway, tags }.into()
    });
    let way = "0.0.0.0/0".to_owned();
    add("route_table.public", &|tags| {
        let routes = BTreeMap::from([(way.clone(), RouteTarget::InternetGateway(reference("main")))]);
        RouteTable { vpc: reference("main"), routes, subnets: vec![reference("public")], tags }.into()
    });
    add("route_table.private", &|tags| {
        let routes = BTreeMap::from([(way.clone(), RouteTarget::NatGateway(reference("main")))]);
        RouteTable { vpc: reference("main"), routes, subnets: vec![reference("private")], tags }.into()
    });
    add("security_group.nodes", &|tags| {
        let (name, description) = ("dev-nodes".to_owned(), "nodes".to_owned());
        SecurityGroup { vpc: reference("main"), name, description, ingress: vec![], egress: vec![], tags }
            .into()
    });
    Desired { environment: "dev".to_owned(), protect: false, resources }
}

/// Where a journal dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// Before a write reaches the disk.
    Before,
    /// When half of it has.
    Torn,
    /// After it has, before anybody is told.
    After,
}

/// A journal in memory, in its written form.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) bytes: Arc<Mutex<Vec<u8>>>,
    pub(crate) writes: Arc<AtomicU64>,
    pub(crate) dies: Option<(u64, Death, Arc<Notify>)>,
}

impl Disk {
    /// The state that a new process reads: a torn last line is cut off.
    pub(crate) fn load(&self) -> State {
        let mut bytes = self.bytes.lock().unwrap();
        let decoded = decode(&bytes, Path::new("journal")).unwrap();
        let mut state = State::new("test");
        for line in &decoded.lines {
            state.fold(line).unwrap();
        }
        let whole = bytes.len() - decoded.torn;
        bytes.truncate(whole);
        if bytes.is_empty() {
            bytes.extend(encode_header("dev", "test").bytes());
        }
        state
    }
}

impl Journal for Disk {
    async fn append(&mut self, lines: &[Line]) -> Result<(), Error> {
        let write = self.writes.fetch_add(1, Ordering::SeqCst);
        let text: String = lines.iter().map(encode_line).collect();
        let death = self.dies.as_ref().filter(|(at, ..)| *at == write);
        let kept = match death {
            Some((_, Death::Before, _)) => 0,
            Some((_, Death::Torn, _)) => text.len() / 2,
            Some((_, Death::After, _)) | None => text.len(),
        };
        self.bytes.lock().unwrap().extend(&text.as_bytes()[..kept]);
        if let Some((.., crash)) = death {
            crash.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn compact(&mut self, _: &State) -> Result<(), Error> {
        Ok(())
    }
}

pub(crate) fn settings() -> Settings {
    static TOKENS: AtomicU64 = AtomicU64::new(0);
    let token = || format!("{:032x}", TOKENS.fetch_add(1, Ordering::SeqCst));
    let clock = Clock::new(Arc::new(Stepping::default()), jiff::Timestamp::now);
    Settings { parallelism: 4, window: Duration::from_secs(30), clock, token }
}

/// What one run of a verb did.
pub(crate) struct Outcome {
    pub(crate) plan: Plan,
    pub(crate) report: Report,
}

/// Reads, resolves, looks, plans, checks the plan and applies it.
pub(crate) async fn verb(
    fake: &Fake,
    disk: &mut Disk,
    desired: &Desired,
    purpose: Purpose,
) -> Result<Outcome, Refusal> {
    let mut state = disk.load();
    let settings = settings();
    let mut writer = Writer::new(disk, &mut state, "run", settings.clock.clone());
    let wanted = |at: &Address| purpose == Purpose::Up && desired.resources.contains_key(at);
    recover(fake, &mut writer, &wanted, settings.window, &settings.clock).await.unwrap();
    let plan = planned(fake, writer.state(), desired, purpose).await?;
    let (_level, cancel) = Cancel::channel();
    let provider = Arc::new(fake.clone());
    let run = Run { plan: &plan, provider, events: Events::nobody(), cancel, settings };
    let report = run.apply(&mut writer).await;
    Ok(Outcome { plan, report })
}

/// The plan of a state, linted.
pub(crate) async fn planned(
    fake: &Fake,
    state: &State,
    desired: &Desired,
    purpose: Purpose,
) -> Result<Plan, Refusal> {
    let observed = observed(fake, state, desired).await;
    let scope = Scope::default();
    let plan = plan(Input { desired, state, observed: &observed, purpose, scope: &scope })?;
    assert_eq!(lint(&plan, state), []);
    Ok(plan)
}

pub(crate) async fn observed(fake: &Fake, state: &State, desired: &Desired) -> BTreeMap<Address, Observed> {
    observe(fake, looks(desired, state), state.known()).await.unwrap()
}

/// What should stand, as the fake's inventory shows it.
pub(crate) fn world(desired: &Desired) -> BTreeMap<Address, Vec<Spec>> {
    desired.resources.iter().map(|(at, spec)| (at.clone(), vec![spec.clone()])).collect()
}
