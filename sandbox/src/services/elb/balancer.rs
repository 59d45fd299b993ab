//! Classic load balancers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::tag;
use crate::clock::Time;
use crate::services::Outcome;
use crate::services::ec2::requester::{self, Wish};
use crate::services::elbv2::{Kind, hosted_zone};
use crate::services::iam::ensure_service_linked_role;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, Pending, Tags};

/// Everything in one page unless asked otherwise, at most 400 entries.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(400), min: 1, max: 400, strict: None, bad_token: "ValidationError" };

/// Load balancers of an account in a region.
const BALANCERS: usize = 20;

/// Seconds until the interfaces of a deleted load balancer are gone.
const LEAVES: i64 = 30;

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balancer {
    /// The unique part of its DNS name.
    pub id: String,
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
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// How instances are checked.
    pub check: Check,
    /// Its attributes that differ from their defaults, by the part of the model that they are in.
    pub attributes: BTreeMap<String, Value>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
}

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its protocol.
    pub protocol: String,
    /// Where it listens.
    pub port: i64,
    /// The protocol of the instances.
    pub instance_protocol: String,
    /// Where instances listen.
    pub instance_port: i64,
    /// ARN of its certificate.
    pub certificate: Option<String>,
}

/// How instances are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Protocol, port and path, for example `TCP:80`.
    pub target: String,
    /// Seconds between checks.
    pub interval: i64,
    /// Seconds until a check fails.
    pub timeout: i64,
    /// Checks until an instance is unhealthy.
    pub unhealthy: i64,
    /// Checks until an instance is healthy.
    pub healthy: i64,
}

fn missing(name: &str) -> Failure {
    Failure::new("LoadBalancerNotFound", format!("There is no ACTIVE Load Balancer named '{name}'"))
}

/// The load balancer called `name`.
pub(super) fn find<'c>(call: &'c Call<'_>, name: &str) -> Result<&'c Balancer, Failure> {
    call.home().elb.balancers.get(name).ok_or_else(|| missing(name))
}

/// The load balancer called `name`, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Balancer, Failure> {
    call.home_mut().elb.balancers.get_mut(name).ok_or_else(|| missing(name))
}

fn dns_name(call: &Call<'_>, name: &str, row: &Balancer) -> String {
    let internal = if row.public { "" } else { "internal-" };
    format!("{internal}{name}-{}.{}.elb.amazonaws.com", row.id, call.region)
}

fn show_check(check: &Check) -> Value {
    json!({
        "Target": check.target, "Interval": check.interval, "Timeout": check.timeout,
        "UnhealthyThreshold": check.unhealthy, "HealthyThreshold": check.healthy,
    })
}

fn show(call: &Call<'_>, name: &str, row: &Balancer) -> Value {
    let dns = dns_name(call, name, row);
    let listeners: Vec<Value> = row
        .listeners
        .iter()
        .map(|listener| {
            json!({
                "Listener": {
                    "Protocol": listener.protocol, "LoadBalancerPort": listener.port,
                    "InstanceProtocol": listener.instance_protocol, "InstancePort": listener.instance_port,
                    "SSLCertificateId": listener.certificate,
                },
                "PolicyNames": [],
            })
        })
        .collect();
    let source = row.groups.first().and_then(|id| call.home().ec2.groups.get(id));
    let source = source.map(|group| json!({ "OwnerAlias": call.account, "GroupName": group.name }));
    json!({
        "LoadBalancerName": name, "DNSName": dns, "CanonicalHostedZoneName": row.public.then_some(&dns),
        "CanonicalHostedZoneNameID": hosted_zone(&call.region, Kind::Application),
        "ListenerDescriptions": listeners, "BackendServerDescriptions": [], "Instances": [],
        "Policies": { "AppCookieStickinessPolicies": [], "LBCookieStickinessPolicies": [], "OtherPolicies": [] },
        "AvailabilityZones": row.subnets.iter().map(|(_, zone)| zone).collect::<Vec<_>>(),
        "Subnets": row.subnets.iter().map(|(id, _)| id).collect::<Vec<_>>(), "VPCId": row.vpc,
        "HealthCheck": show_check(&row.check), "SourceSecurityGroup": source, "SecurityGroups": row.groups,
        "CreatedTime": row.created.value(), "Scheme": if row.public { "internet-facing" } else { "internal" },
    })
}

fn listeners(input: &Input) -> Result<Vec<Listener>, Failure> {
    let one = |entry: &Input| {
        let protocol = entry.str("Protocol").to_uppercase();
        let certificate = entry.text("SSLCertificateId").map(str::to_owned);
        if !["HTTP", "HTTPS", "SSL", "TCP"].contains(&protocol.as_str()) {
            let text = format!("Protocol '{protocol}' is not supported");
            return Err(Failure::new("UnsupportedProtocol", text));
        }
        if ["HTTPS", "SSL"].contains(&protocol.as_str()) && certificate.is_none() {
            return Err(Failure::new(
                "CertificateNotFound",
                "An SSL certificate must be specified for the listener",
            ));
        }
        Ok(Listener {
            instance_protocol: entry.text("InstanceProtocol").unwrap_or(&protocol).to_uppercase(),
            protocol,
            port: entry.integer("LoadBalancerPort").unwrap_or(0),
            instance_port: entry.integer("InstancePort").unwrap_or(0),
            certificate,
        })
    };
    input.list("Listeners").iter().map(one).collect()
}

type Places = (Vec<(String, String)>, String);

fn places(call: &Call<'_>, subnets: &[String], public: bool) -> Result<Places, Failure> {
    let state = &call.home().ec2;
    let mut found = Vec::new();
    let mut vpc = String::new();
    for id in subnets {
        let missing = || Failure::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist"));
        let subnet = state.subnets.get(id).ok_or_else(missing)?;
        let taken = found.iter().any(|(_, zone)| *zone == subnet.zone);
        if taken || (!vpc.is_empty() && vpc != subnet.vpc) {
            let text = "Subnets must be in one VPC, and each in a zone of its own";
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        vpc.clone_from(&subnet.vpc);
        found.push((id.clone(), subnet.zone.clone()));
    }
    if found.is_empty() {
        return Err(Failure::new("ValidationError", "At least one subnet must be specified"));
    }
    let has_gateway =
        state.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc.as_str()));
    if public && !has_gateway {
        return Err(Failure::new("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
    }
    Ok((found, vpc))
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_CreateLoadBalancer.html>
pub(super) fn create_load_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("LoadBalancerName").to_owned();
    let sound = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if name.len() > 32 || !name.chars().all(sound) || name.starts_with('-') || name.ends_with('-') {
        let text = format!("LoadBalancer name '{name}' has up to 32 letters, digits and hyphens");
        return Err(Failure::new("ValidationError", text));
    }
    if call.home().elb.balancers.contains(&name) {
        let text = format!(
            "Load Balancer named '{name}' already exists and it is configured with different parameters."
        );
        return Err(Failure::new("DuplicateLoadBalancerName", text));
    }
    if call.home().elb.balancers.len() >= BALANCERS {
        let text = format!("The maximum number of load balancers is {BALANCERS}");
        return Err(Failure::new("TooManyLoadBalancers", text));
    }
    let public = match input.text("Scheme") {
        None | Some("internet-facing") => true,
        Some("internal") => false,
        Some(other) => return Err(Failure::new("InvalidScheme", format!("Scheme '{other}' is not valid"))),
    };
    let (subnets, vpc) = places(call, &input.texts("Subnets"), public)?;
    let mut groups = input.texts("SecurityGroups");
    let foreign =
        groups.iter().find(|id| call.home().ec2.groups.get(id).is_none_or(|group| group.vpc != vpc));
    if let Some(id) = foreign {
        return Err(Failure::new("InvalidSecurityGroup", format!("Security group '{id}' is not valid")));
    }
    if groups.is_empty() {
        groups.extend(call.home().ec2.default_group(&vpc));
    }
    let (listeners, tags) = (listeners(input)?, tag::read(input)?);
    let target =
        listeners.first().map_or_else(|| "TCP:80".to_owned(), |first| format!("TCP:{}", first.instance_port));
    let interfaces = make_interfaces(call, (&name, public), &subnets, &groups)?;
    let row = Balancer {
        id: call.world_mut().dice.below(1_000_000_000).to_string(),
        public,
        vpc,
        subnets,
        groups,
        interfaces,
        listeners,
        check: Check { target, interval: 30, timeout: 5, unhealthy: 2, healthy: 10 },
        attributes: BTreeMap::new(),
        tags,
        created: call.now,
    };
    let dns = dns_name(call, &name, &row);
    call.home_mut().elb.balancers.insert(name, row);
    ensure_service_linked_role(call, "elasticloadbalancing.amazonaws.com");
    Ok(json!({ "DNSName": dns }).into())
}

fn make_interfaces(
    call: &mut Call<'_>,
    (name, public): (&str, bool),
    subnets: &[(String, String)],
    groups: &[String],
) -> Result<Vec<String>, Failure> {
    let description = format!("ELB {name}");
    let made: Result<Vec<String>, Failure> = call.within("ec2", |call| {
        let one = |(subnet, _): &(String, String)| {
            let (kind, requester) = ("interface", Some("amazon-elb"));
            let wish = Wish { subnet, groups, description: &description, kind, requester, public };
            requester::make_interface(call, &wish)
        };
        subnets.iter().map(one).collect()
    });
    made.map_err(|failure| Failure::new("InvalidSubnet", failure.message))
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancers.html>
pub(super) fn describe_load_balancers(call: &mut Call<'_>, input: &Input) -> Outcome {
    let names = input.texts("LoadBalancerNames");
    for name in &names {
        find(call, name)?;
    }
    let rows = call.home().elb.balancers.iter();
    let rows = rows
        .filter(|(name, row)| match names.is_empty() {
            true => call.visible(row.created),
            false => names.iter().any(|wanted| wanted == name),
        })
        .map(|(name, row)| (name.to_owned(), show(call, name, row)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// "If the load balancer does not exist or has already been deleted, the call to DeleteLoadBalancer still succeeds."
/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DeleteLoadBalancer.html>
pub(super) fn delete_load_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("LoadBalancerName");
    if let Some(gone) = call.home_mut().elb.balancers.remove(name) {
        let subject = format!("leaving/{name}/{}", gone.id);
        call.home_mut().elb.leaving.insert(&subject, gone.interfaces);
        call.begin_removal(&subject, "leave", LEAVES);
    }
    Ok(Answer::empty())
}

/// The interfaces of a deleted load balancer go.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    drop_interfaces(call, &pending.subject);
}

/// The interfaces of a deleted load balancer go at once: its caller has waited for them.
pub(crate) fn leave_now(call: &mut Call<'_>, name: &str) {
    let prefix = format!("leaving/{name}/");
    let subjects = call.home().elb.leaving.ids().filter(|id| id.starts_with(&prefix)).map(str::to_owned);
    for subject in subjects.collect::<Vec<_>>() {
        call.abandon(&subject);
        drop_interfaces(call, &subject);
    }
}

fn drop_interfaces(call: &mut Call<'_>, subject: &str) {
    let gone = call.home_mut().elb.leaving.remove(subject).unwrap_or_default();
    call.within("ec2", |call| gone.iter().for_each(|id| requester::drop_interface(call, id)));
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_ConfigureHealthCheck.html>
pub(super) fn configure_health_check(call: &mut Call<'_>, input: &Input) -> Outcome {
    let Some(wanted) = input.get("HealthCheck") else {
        return Err(Failure::new("ValidationError", "A health check must be specified"));
    };
    let number = |name: &str| wanted.integer(name).unwrap_or(0);
    let check = Check {
        target: wanted.str("Target").to_owned(),
        interval: number("Interval"),
        timeout: number("Timeout"),
        unhealthy: number("UnhealthyThreshold"),
        healthy: number("HealthyThreshold"),
    };
    if check.timeout >= check.interval {
        let text = "HealthCheck timeout must be less than interval";
        return Err(Failure::new("ValidationError", text));
    }
    let shown = show_check(&check);
    find_mut(call, input.str("LoadBalancerName"))?.check = check;
    Ok(json!({ "HealthCheck": shown }).into())
}

/// No instances are ever registered here.
/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeInstanceHealth.html>
pub(super) fn describe_instance_health(call: &mut Call<'_>, input: &Input) -> Outcome {
    find(call, input.str("LoadBalancerName"))?;
    match input.list("Instances").first() {
        Some(instance) => {
            let text = format!("Could not find EC2 instance {}.", instance.str("InstanceId"));
            Err(Failure::new("InvalidInstance", text))
        }
        None => Ok(json!({ "InstanceStates": [] }).into()),
    }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeAccountLimits.html>
pub(super) fn describe_account_limits(call: &mut Call<'_>, input: &Input) -> Outcome {
    let limits = [
        ("classic-listeners", 100),
        ("classic-load-balancers", BALANCERS),
        ("classic-registered-instances", 1000),
    ];
    let row =
        |(name, max): &(&str, usize)| ((*name).to_owned(), json!({ "Name": name, "Max": max.to_string() }));
    Ok(call.page(input, PAGES, limits.iter().map(row).collect())?.into())
}
