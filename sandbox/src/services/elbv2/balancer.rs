//! Load balancers: making, looking, deleting.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::place::{check_name, check_subnets, hosted_zone};
use super::{attribute, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::services::ec2::requester::{self, Wish};
use crate::services::iam::ensure_service_linked_role;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, Pending};

/// Everything in one page unless asked otherwise, at most 400 entries.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(400), min: 1, max: 400, strict: None, bad_token: "ValidationError" };

/// Load balancers of an account in a region.
pub(super) const BALANCERS: usize = 50;

/// Seconds until a load balancer is active.
const TYPICAL: i64 = 120;

/// Seconds until the interfaces of a deleted load balancer are gone.
const LEAVES: i64 = 30;

/// The kinds of load balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Network.
    Network,
    /// Application.
    Application,
}

impl Kind {
    /// The part of the ARN.
    pub fn path(self) -> &'static str {
        match self {
            Self::Network => "net",
            Self::Application => "app",
        }
    }

    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Application => "application",
        }
    }
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balancer {
    /// Its name.
    pub name: String,
    /// The unique part of its ARN and its DNS name.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Whether it faces the internet.
    pub public: bool,
    /// Its VPC.
    pub vpc: String,
    /// Its subnets and their zones.
    pub subnets: Vec<(String, String)>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its interfaces.
    pub interfaces: Vec<String>,
    /// Its attributes that differ from their defaults.
    pub attributes: BTreeMap<String, String>,
    /// Whether it is active.
    pub active: bool,
    /// When it was made.
    pub created: Time,
}

impl Balancer {
    /// Its DNS name.
    pub fn dns_name(&self, region: &str) -> String {
        let internal = if self.public { "" } else { "internal-" };
        match self.kind {
            Kind::Network => format!("{}-{}.elb.{region}.amazonaws.com", self.name, self.id),
            Kind::Application => {
                format!("{internal}{}-{}.{region}.elb.amazonaws.com", self.name, &self.id[..10])
            }
        }
    }
}

/// The refusal of a load balancer that is not there.
pub(super) fn missing(what: &str) -> Failure {
    Failure::new("LoadBalancerNotFound", format!("Load balancer '{what}' not found"))
}

/// The load balancer with this ARN.
pub(super) fn find<'c>(call: &'c Call<'_>, arn: &str) -> Result<&'c Balancer, Failure> {
    call.home().elbv2.balancers.get(arn).ok_or_else(|| missing(arn))
}

/// The load balancer with this ARN, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut Balancer, Failure> {
    call.home_mut().elbv2.balancers.get_mut(arn).ok_or_else(|| missing(arn))
}

pub(super) fn show_zones(subnets: &[(String, String)]) -> Value {
    subnets
        .iter()
        .map(|(subnet, zone)| json!({ "ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": [] }))
        .collect()
}

fn show(call: &Call<'_>, arn: &str, row: &Balancer) -> Value {
    let state = if row.active { "active" } else { "provisioning" };
    let groups = (row.kind == Kind::Application || !row.groups.is_empty()).then_some(&row.groups);
    json!({
        "LoadBalancerArn": arn, "DNSName": row.dns_name(&call.region),
        "CanonicalHostedZoneId": hosted_zone(&call.region, row.kind), "CreatedTime": row.created.value(),
        "LoadBalancerName": row.name, "Scheme": if row.public { "internet-facing" } else { "internal" },
        "VpcId": row.vpc, "State": { "Code": state }, "Type": row.kind.name(),
        "AvailabilityZones": show_zones(&row.subnets), "SecurityGroups": groups, "IpAddressType": "ipv4",
    })
}

/// The subnets that a request names, one way or the other.
pub(super) fn subnets(input: &Input) -> Result<Vec<String>, Failure> {
    let (plain, mapped) = (input.texts("Subnets"), input.list("SubnetMappings"));
    if !plain.is_empty() && !mapped.is_empty() {
        let text = "You must specify either subnets or subnet mappings, but not both";
        return Err(Failure::new("ValidationError", text));
    }
    Ok(plain.into_iter().chain(mapped.iter().map(|mapping| mapping.str("SubnetId").to_owned())).collect())
}

/// Checks security groups; an application load balancer without any gets the VPC's default one.
pub(super) fn groups(
    call: &Call<'_>,
    asked: Vec<String>,
    kind: Kind,
    vpc: &str,
) -> Result<Vec<String>, Failure> {
    let state = &call.home().ec2;
    let foreign = asked.iter().find(|id| state.groups.get(id).is_none_or(|group| group.vpc != vpc));
    if let Some(id) = foreign {
        let text = format!("One or more security groups are invalid: '{id}'");
        return Err(Failure::new("InvalidSecurityGroup", text));
    }
    if asked.is_empty() && kind == Kind::Application {
        return Ok(state.default_group(vpc).into_iter().collect());
    }
    Ok(asked)
}

/// A second create of the same name with the same settings is no error.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>
pub(super) fn create_load_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("Name").to_owned();
    check_name("Load balancer", &name)?;
    let kind = match input.text("Type").unwrap_or("application") {
        "network" => Kind::Network,
        "application" => Kind::Application,
        other => return Err(Failure::unmodelled(format!("Type = {other}"))),
    };
    let public = input.text("Scheme").unwrap_or("internet-facing") == "internet-facing";
    input.only("IpAddressType", "ipv4")?;
    let (places, vpc) = check_subnets(call, &subnets(input)?, kind, public)?;
    let groups = groups(call, input.texts("SecurityGroups"), kind, &vpc)?;
    let tags = tag::read(input)?;
    let state = &call.home().elbv2;
    if let Some((arn, old)) = state.balancers.iter().find(|(_, old)| old.name == name) {
        if (old.kind, old.public, &old.subnets, &old.groups) == (kind, public, &places, &groups) {
            return Ok(json!({ "LoadBalancers": [show(call, arn, old)] }).into());
        }
        let text = format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Err(Failure::new("DuplicateLoadBalancerName", text));
    }
    if state.balancers.len() >= BALANCERS {
        return Err(Failure::new(
            "TooManyLoadBalancers",
            format!("The maximum number of load balancers is {BALANCERS}"),
        ));
    }
    let id = call.world_mut().dice.hex(16);
    let arn = call.arn("elasticloadbalancing", &format!("loadbalancer/{}/{name}/{id}", kind.path()));
    let created = call.now;
    let attributes = BTreeMap::new();
    let mut row = Balancer {
        name,
        id,
        kind,
        public,
        vpc,
        subnets: places,
        groups,
        interfaces: Vec::new(),
        attributes,
        active: false,
        created,
    };
    row.interfaces = make_interfaces(call, &row)?;
    let shown = show(call, &arn, &row);
    call.home_mut().elbv2.balancers.insert(&arn, row);
    tag::attach(call, &arn, tags);
    ensure_service_linked_role(call, "elasticloadbalancing.amazonaws.com");
    call.begin(&arn, "provision", TYPICAL);
    Ok(json!({ "LoadBalancers": [shown] }).into())
}

/// Makes an interface in each subnet.
pub(super) fn make_interfaces(call: &mut Call<'_>, row: &Balancer) -> Result<Vec<String>, Failure> {
    let description = format!("ELB {}/{}/{}", row.kind.path(), row.name, row.id);
    let kind = if row.kind == Kind::Network { "network_load_balancer" } else { "interface" };
    call.within("ec2", |call| {
        let one = |(subnet, _): &(String, String)| {
            let (groups, requester) = (&row.groups, Some("amazon-elb"));
            let wish =
                Wish { subnet, groups, description: &description, kind, requester, public: row.public };
            requester::make_interface(call, &wish)
        };
        row.subnets.iter().map(one).collect::<Result<Vec<_>, Failure>>()
    })
    .map_err(|failure| Failure::new("InvalidSubnet", failure.message))
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>
pub(super) fn describe_load_balancers(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (arns, names) = (input.texts("LoadBalancerArns"), input.texts("Names"));
    let state = &call.home().elbv2;
    if let Some(arn) = arns.iter().find(|arn| !state.balancers.contains(arn)) {
        return Err(missing(arn));
    }
    if let Some(name) = names.iter().find(|name| !state.balancers.values().any(|row| row.name == **name)) {
        return Err(Failure::new("LoadBalancerNotFound", format!("Load balancers '[{name}]' not found")));
    }
    let all = arns.is_empty() && names.is_empty();
    let rows: Vec<(String, Value)> = state
        .balancers
        .iter()
        .filter(|(arn, _)| arns.is_empty() || arns.iter().any(|wanted| wanted == arn))
        .filter(|(_, row)| names.is_empty() || names.contains(&row.name))
        .filter(|(_, row)| !all || call.visible(row.created))
        .map(|(arn, row)| (arn.to_owned(), show(call, arn, row)))
        .collect();
    let answer = call.page(input, PAGES, rows)?;
    for shown in answer["LoadBalancers"].as_array().into_iter().flatten() {
        call.shown(shown["LoadBalancerArn"].as_str().unwrap_or_default());
    }
    Ok(answer.into())
}

/// "If the load balancer does not exist or has already been deleted, the call succeeds."
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html>
pub(super) fn delete_load_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("LoadBalancerArn").to_owned();
    let Some(row) = call.home().elbv2.balancers.get(&arn).cloned() else { return Ok(Answer::empty()) };
    if attribute::is_protected(&row.attributes) {
        let text = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(Failure::new("OperationNotPermitted", text));
    }
    call.abandon(&arn);
    let state = &mut call.home_mut().elbv2;
    let listeners: Vec<String> = state
        .listeners
        .iter()
        .filter(|(_, row)| row.balancer == arn)
        .map(|(arn, _)| arn.to_owned())
        .collect();
    for listener in listeners {
        super::listener::remove(call, &listener);
    }
    let state = &mut call.home_mut().elbv2;
    state.balancers.remove(&arn);
    state.tags.remove(&arn);
    let subject = leaving(&arn);
    state.leaving.insert(&subject, row.interfaces);
    call.begin_removal(&subject, "leave", LEAVES);
    Ok(Answer::empty())
}

/// What the removal of a load balancer's interfaces goes by.
fn leaving(arn: &str) -> String {
    format!("leaving/{arn}")
}

/// The interfaces of a deleted load balancer go at once: its caller has waited for them.
pub(crate) fn leave_now(call: &mut Call<'_>, arn: &str) {
    let subject = leaving(arn);
    call.abandon(&subject);
    drop_interfaces(call, &subject);
}

fn drop_interfaces(call: &mut Call<'_>, subject: &str) {
    let gone = call.home_mut().elbv2.leaving.remove(subject).unwrap_or_default();
    call.within("ec2", |call| gone.iter().for_each(|id| requester::drop_interface(call, id)));
}

/// Ends a change: a load balancer is active, or its interfaces are gone.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    match pending.change.as_str() {
        "provision" => {
            if let Ok(row) = find_mut(call, &pending.subject) {
                row.active = true;
            }
        }
        "leave" => drop_interfaces(call, &pending.subject),
        _ => super::health::complete(call, pending),
    }
}
