//! Targets and their health. Every target gets well: what a target really answers is not known here.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::target_group::{self, TargetGroup};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Pending};

/// Targets of a group.
const TARGETS: usize = 1000;

/// Seconds until a new target is healthy.
const TYPICAL: i64 = 30;

/// A target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// An instance id, an address or an ARN.
    pub id: String,
    /// Where it listens.
    pub port: i64,
    /// The zone that was given.
    pub zone: Option<String>,
    /// Whether it has passed its first checks.
    pub healthy: bool,
    /// Whether it is being taken out.
    pub draining: bool,
}

fn subject(group: &str, target: &Target) -> String {
    format!("target/{}/{}/{group}", target.id, target.port)
}

/// Reads targets; their port is the group's unless given.
fn read(input: &Input, group: &TargetGroup) -> Vec<Target> {
    let one = |entry: &Input| Target {
        id: entry.str("Id").to_owned(),
        port: entry.integer("Port").unwrap_or(group.port),
        zone: entry.text("AvailabilityZone").map(str::to_owned),
        healthy: false,
        draining: false,
    };
    input.list("Targets").iter().map(one).collect()
}

fn check(call: &Call<'_>, group: &TargetGroup, target: &Target) -> Result<(), Failure> {
    let invalid = |why: String| Err(Failure::new("InvalidTarget", why));
    match group.target_type.as_str() {
        "ip" => {
            let Ok(address) = target.id.parse::<Ipv4Addr>() else {
                return invalid(format!("The IP address '{}' is not a valid IPv4 address", target.id));
            };
            let vpc = call.home().ec2.vpcs.get(&group.vpc);
            let inside = vpc.is_some_and(|vpc| vpc.cidrs.iter().any(|range| range.cidr.contains(&address)));
            // Addresses outside of the VPC are allowed when the zone is `all`.
            if !inside && target.zone.as_deref() != Some("all") {
                return invalid(format!("The IP address '{address}' is not within the VPC CIDR block"));
            }
            Ok(())
        }
        "instance" => {
            let groups = call.home().autoscaling.groups.values();
            let known =
                groups.into_iter().flat_map(|group| &group.instances).any(|found| found.id == target.id);
            if known {
                Ok(())
            } else {
                invalid(format!("The following targets are not valid: '{}'", target.id))
            }
        }
        _ => match call.home().elbv2.balancers.contains(&target.id) {
            true => Ok(()),
            false => invalid(format!("The load balancer '{}' does not exist", target.id)),
        },
    }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html>
pub(super) fn register_targets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("TargetGroupArn").to_owned();
    let group = target_group::find(call, &arn)?;
    let targets = read(input, group);
    targets.iter().try_for_each(|target| check(call, group, target))?;
    for target in targets {
        let subject = subject(&arn, &target);
        call.abandon(&subject);
        let group = target_group::find_mut(call, &arn)?;
        group.targets.retain(|old| (&old.id, old.port) != (&target.id, target.port));
        group.targets.push(target);
        if group.targets.len() > TARGETS {
            let text = format!("The maximum number of targets of a target group is {TARGETS}");
            return Err(Failure::new("TooManyTargets", text));
        }
        call.begin(&subject, "register", TYPICAL);
    }
    Ok(Answer::empty())
}

/// A target drains for the group's delay before it is gone. Without a port all of the id's ports go.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html>
pub(super) fn deregister_targets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("TargetGroupArn").to_owned();
    let delay = target_group::find(call, &arn)?.attributes.get("deregistration_delay.timeout_seconds");
    let delay = delay.and_then(|text| text.parse().ok()).unwrap_or(300);
    let wanted: Vec<(String, Option<i64>)> = input
        .list("Targets")
        .iter()
        .map(|entry| (entry.str("Id").to_owned(), entry.integer("Port")))
        .collect();
    let group = target_group::find_mut(call, &arn)?;
    let mut leaving = Vec::new();
    for target in &mut group.targets {
        let named =
            |(id, port): &(String, Option<i64>)| *id == target.id && port.is_none_or(|p| p == target.port);
        if wanted.iter().any(named) {
            target.draining = true;
            leaving.push(target.clone());
        }
    }
    for target in leaving {
        let subject = subject(&arn, &target);
        call.abandon(&subject);
        call.begin_removal(&subject, "deregister", delay);
    }
    Ok(Answer::empty())
}

fn show(target: &Target, group: &TargetGroup, used: bool) -> Value {
    let (state, reason, description) = match (target.draining, used, target.healthy) {
        (true, ..) => (
            "draining",
            Some("Target.DeregistrationInProgress"),
            Some("Target deregistration is in progress"),
        ),
        (_, false, _) => (
            "unused",
            Some("Target.NotInUse"),
            Some("Target group is not configured to receive traffic from the load balancer"),
        ),
        (_, _, true) => ("healthy", None, None),
        (_, _, false) => {
            ("initial", Some("Elb.RegistrationInProgress"), Some("Target registration is in progress"))
        }
    };
    let port =
        if group.check.port == "traffic-port" { target.port.to_string() } else { group.check.port.clone() };
    json!({
        "Target": { "Id": target.id, "Port": target.port, "AvailabilityZone": target.zone },
        "HealthCheckPort": port,
        "TargetHealth": { "State": state, "Reason": reason, "Description": description },
    })
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html>
pub(super) fn describe_target_health(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("TargetGroupArn").to_owned();
    let group = target_group::find(call, &arn)?.clone();
    let wanted: Vec<(String, Option<i64>)> = input
        .list("Targets")
        .iter()
        .map(|entry| (entry.str("Id").to_owned(), entry.integer("Port")))
        .collect();
    let used = !call.home().elbv2.balancers_of(&arn).is_empty();
    let mut shown = Vec::new();
    for target in &group.targets {
        let named =
            |(id, port): &(String, Option<i64>)| *id == target.id && port.is_none_or(|p| p == target.port);
        if wanted.is_empty() || wanted.iter().any(named) {
            shown.push(show(target, &group, used));
            if used || target.draining {
                call.shown(&subject(&arn, target));
            }
        }
    }
    Ok(json!({ "TargetHealthDescriptions": shown }).into())
}

/// Ends the registration or the draining of a target.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    let mut parts = pending.subject.splitn(4, '/').skip(1);
    let (Some(id), Some(port), Some(arn)) = (parts.next(), parts.next(), parts.next()) else { return };
    let (id, port) = (id.to_owned(), port.parse::<i64>().unwrap_or(0));
    let Ok(group) = target_group::find_mut(call, arn) else { return };
    match pending.change.as_str() {
        "register" => {
            for target in group.targets.iter_mut().filter(|target| target.id == id && target.port == port) {
                target.healthy = true;
            }
        }
        _ => group.targets.retain(|target| !(target.id == id && target.port == port && target.draining)),
    }
}
