//! Target groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::balancer::PAGES;
use super::health::Target;
use super::place::check_name;
use super::{balancer, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Target groups of an account in a region.
pub(super) const GROUPS: usize = 3000;

/// A target group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its name.
    pub name: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` or `TCP_UDP`.
    pub protocol: String,
    /// `HTTP1`, `HTTP2` or `GRPC`, where the protocol is HTTP.
    pub protocol_version: Option<String>,
    /// Where targets listen.
    pub port: i64,
    /// Its VPC.
    pub vpc: String,
    /// `instance`, `ip` or `alb`.
    pub target_type: String,
    /// How targets are checked.
    pub check: Check,
    /// Its attributes that differ from their defaults.
    pub attributes: BTreeMap<String, String>,
    /// Its targets.
    pub targets: Vec<Target>,
}

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The protocol.
    pub protocol: String,
    /// The port, or `traffic-port`.
    pub port: String,
    /// The path, where the protocol is HTTP.
    pub path: Option<String>,
    /// The codes that count as healthy, where the protocol is HTTP.
    pub codes: Option<String>,
    /// Seconds between checks.
    pub interval: i64,
    /// Seconds until a check fails.
    pub timeout: i64,
    /// Checks until a target is healthy.
    pub healthy: i64,
    /// Checks until a target is unhealthy.
    pub unhealthy: i64,
}

impl TargetGroup {
    /// True when it is for application load balancers.
    pub fn is_http(&self) -> bool {
        self.protocol.starts_with("HTTP")
    }
}

fn missing(what: &str) -> Failure {
    Failure::new("TargetGroupNotFound", format!("Target groups '{what}' not found"))
}

/// The target group with this ARN.
pub(super) fn find<'c>(call: &'c Call<'_>, arn: &str) -> Result<&'c TargetGroup, Failure> {
    call.home().elbv2.target_groups.get(arn).ok_or_else(|| missing(arn))
}

/// The target group with this ARN, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut TargetGroup, Failure> {
    call.home_mut().elbv2.target_groups.get_mut(arn).ok_or_else(|| missing(arn))
}

fn show(call: &Call<'_>, arn: &str, row: &TargetGroup) -> Value {
    let check = &row.check;
    json!({
        "TargetGroupArn": arn, "TargetGroupName": row.name, "Protocol": row.protocol, "Port": row.port,
        "VpcId": row.vpc, "HealthCheckProtocol": check.protocol, "HealthCheckPort": check.port,
        "HealthCheckEnabled": true, "HealthCheckIntervalSeconds": check.interval,
        "HealthCheckTimeoutSeconds": check.timeout, "HealthyThresholdCount": check.healthy,
        "UnhealthyThresholdCount": check.unhealthy, "HealthCheckPath": check.path,
        "Matcher": check.codes.as_ref().map(|codes| json!({ "HttpCode": codes })),
        "LoadBalancerArns": call.home().elbv2.balancers_of(arn), "TargetType": row.target_type,
        "ProtocolVersion": row.protocol_version, "IpAddressType": "ipv4",
    })
}

/// The health check that a request asks for, on top of one that is there.
fn check(input: &Input, before: Check) -> Result<Check, Failure> {
    input.only("HealthCheckEnabled", "true")?;
    let protocol = input.text("HealthCheckProtocol").map_or_else(|| before.protocol.clone(), str::to_owned);
    let http = protocol.starts_with("HTTP");
    let codes = input.get("Matcher").and_then(|matcher| matcher.text("HttpCode")).map(str::to_owned);
    let path = input.text("HealthCheckPath").map(str::to_owned);
    if !http && (path.is_some() || codes.is_some()) {
        let text = "Health check path and matcher can only be set for HTTP and HTTPS health checks";
        return Err(Failure::new("InvalidConfigurationRequest", text));
    }
    Ok(Check {
        path: if http { path.or(before.path).or(Some("/".to_owned())) } else { None },
        codes: if http { codes.or(before.codes).or(Some("200-399".to_owned())) } else { None },
        protocol,
        port: input.text("HealthCheckPort").map_or(before.port, str::to_owned),
        interval: input.integer("HealthCheckIntervalSeconds").unwrap_or(before.interval),
        timeout: input.integer("HealthCheckTimeoutSeconds").unwrap_or(before.timeout),
        healthy: input.integer("HealthyThresholdCount").unwrap_or(before.healthy),
        unhealthy: input.integer("UnhealthyThresholdCount").unwrap_or(before.unhealthy),
    })
}

/// The defaults depend on the protocol of the group, and for network load balancers on that of the check.
fn usual_check(input: &Input, protocol: &str) -> Check {
    let http = protocol.starts_with("HTTP");
    let checks_http = input.text("HealthCheckProtocol").is_some_and(|protocol| protocol.starts_with("HTTP"));
    Check {
        protocol: if http { "HTTP" } else { "TCP" }.to_owned(),
        port: "traffic-port".to_owned(),
        path: None,
        codes: http.then(|| "200".to_owned()),
        interval: 30,
        timeout: match (http, checks_http) {
            (true, _) => 5,
            (false, true) => 6,
            (false, false) => 10,
        },
        healthy: 5,
        unhealthy: 2,
    }
}

/// A second create of the same name with the same settings is no error.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>
pub(super) fn create_target_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("Name").to_owned();
    check_name("Target group", &name)?;
    let target_type = input.text("TargetType").unwrap_or("instance").to_owned();
    if target_type == "lambda" {
        return Err(Failure::unmodelled("TargetType = lambda"));
    }
    let needed = |name: &str| Failure::new("ValidationError", format!("A {name} must be specified"));
    let protocol = input.text("Protocol").ok_or_else(|| needed("protocol"))?.to_owned();
    if protocol == "GENEVE" || protocol.contains("QUIC") {
        return Err(Failure::unmodelled(format!("Protocol = {protocol}")));
    }
    let port = input.integer("Port").ok_or_else(|| needed("port"))?;
    let vpc = input.text("VpcId").ok_or_else(|| needed("VPC ID"))?.to_owned();
    if !call.home().ec2.vpcs.contains(&vpc) {
        return Err(Failure::new("ValidationError", format!("The VPC ID '{vpc}' is not found")));
    }
    input.only("IpAddressType", "ipv4")?;
    let http = protocol.starts_with("HTTP");
    let version = input.text("ProtocolVersion").map(str::to_owned);
    if version.is_some() && !http {
        let text = "ProtocolVersion can only be set for HTTP and HTTPS target groups";
        return Err(Failure::new("InvalidConfigurationRequest", text));
    }
    let row = TargetGroup {
        check: check(input, usual_check(input, &protocol))?,
        protocol_version: version.or_else(|| http.then(|| "HTTP1".to_owned())),
        name: name.clone(),
        protocol,
        port,
        vpc,
        target_type,
        attributes: BTreeMap::new(),
        targets: Vec::new(),
    };
    let tags = tag::read(input)?;
    let state = &call.home().elbv2;
    if let Some((arn, old)) = state.target_groups.iter().find(|(_, old)| old.name == name) {
        let alike = TargetGroup { attributes: BTreeMap::new(), targets: Vec::new(), ..old.clone() } == row;
        if alike {
            return Ok(json!({ "TargetGroups": [show(call, arn, old)] }).into());
        }
        let text = format!("A target group with the same name '{name}' exists, but with different settings");
        return Err(Failure::new("DuplicateTargetGroupName", text));
    }
    if state.target_groups.len() >= GROUPS {
        return Err(Failure::new(
            "TooManyTargetGroups",
            format!("The maximum number of target groups is {GROUPS}"),
        ));
    }
    let id = call.world_mut().dice.hex(16);
    let arn = call.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"));
    let shown = show(call, &arn, &row);
    call.home_mut().elbv2.target_groups.insert(&arn, row);
    call.newborn(&arn);
    tag::attach(call, &arn, tags);
    Ok(json!({ "TargetGroups": [shown] }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html>
pub(super) fn describe_target_groups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (arns, names) = (input.texts("TargetGroupArns"), input.texts("Names"));
    let of_balancer = input.text("LoadBalancerArn");
    let state = &call.home().elbv2;
    if let Some(arn) = of_balancer {
        balancer::find(call, arn)?;
    }
    if let Some(arn) = arns.iter().find(|arn| !state.target_groups.contains(arn)) {
        return Err(missing(arn));
    }
    if let Some(name) = names.iter().find(|name| !state.target_groups.values().any(|row| row.name == **name))
    {
        return Err(missing(name));
    }
    let rows = state
        .target_groups
        .iter()
        .filter(|(arn, _)| arns.is_empty() || arns.iter().any(|wanted| wanted == arn))
        .filter(|(_, row)| names.is_empty() || names.contains(&row.name))
        .filter(|(arn, _)| !arns.is_empty() || !names.is_empty() || call.visible_id(arn))
        .filter(|(arn, _)| {
            of_balancer.is_none_or(|wanted| state.balancers_of(arn).iter().any(|b| b == wanted))
        })
        .map(|(arn, row)| (arn.to_owned(), show(call, arn, row)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html>
pub(super) fn modify_target_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("TargetGroupArn").to_owned();
    let row = find_mut(call, &arn)?;
    row.check = check(input, row.check.clone())?;
    let row = row.clone();
    Ok(json!({ "TargetGroups": [show(call, &arn, &row)] }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html>
pub(super) fn delete_target_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("TargetGroupArn").to_owned();
    if !call.home().elbv2.balancers_of(&arn).is_empty() {
        let text = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Failure::new("ResourceInUse", text));
    }
    let targets = format!("/{arn}");
    call.abandon_where(|subject| subject.ends_with(&targets));
    let state = &mut call.home_mut().elbv2;
    state.target_groups.remove(&arn);
    state.tags.remove(&arn);
    Ok(Answer::empty())
}
