//! Attributes of load balancers, target groups and listeners: keys with defaults; only what differs is kept.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::balancer::{self, Kind};
use super::{listener, target_group};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

type Defaults = &'static [(&'static str, &'static str)];

const NETWORK: Defaults = &[
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("ipv6.deny_all_igw_traffic", "false"),
    ("load_balancing.cross_zone.enabled", "false"),
    ("secondary_ips.auto_assigned.per_subnet", "0"),
    ("zonal_shift.config.enabled", "false"),
];

const APPLICATION: Defaults = &[
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("ipv6.deny_all_igw_traffic", "false"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

/// Attributes of target groups behind a network load balancer; `preserve_client_ip` depends on the group.
const TRANSPORT_GROUP: Defaults = &[
    ("deregistration_delay.connection_termination.enabled", "false"),
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("preserve_client_ip.enabled", ""),
    ("proxy_protocol_v2.enabled", "false"),
    ("stickiness.enabled", "false"),
    ("stickiness.type", "source_ip"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
    ("target_health_state.unhealthy.connection_termination.enabled", "true"),
    ("target_health_state.unhealthy.draining_interval_seconds", "0"),
];

const HTTP_GROUP: Defaults = &[
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.app_cookie.cookie_name", ""),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("stickiness.enabled", "false"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.type", "lb_cookie"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
];

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html>
const HTTP_LISTENER: Defaults = &[
    ("routing.http.response.access_control_allow_credentials.header_value", ""),
    ("routing.http.response.access_control_allow_headers.header_value", ""),
    ("routing.http.response.access_control_allow_methods.header_value", ""),
    ("routing.http.response.access_control_allow_origin.header_value", ""),
    ("routing.http.response.access_control_expose_headers.header_value", ""),
    ("routing.http.response.access_control_max_age.header_value", ""),
    ("routing.http.response.content_security_policy.header_value", ""),
    ("routing.http.response.server.enabled", "true"),
    ("routing.http.response.strict_transport_security.header_value", ""),
    ("routing.http.response.x_content_type_options.header_value", ""),
    ("routing.http.response.x_frame_options.header_value", ""),
];

/// As [`HTTP_LISTENER`], and the headers that tell a target about the client's TLS.
const HTTPS_LISTENER: Defaults = &[
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", ""),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", ""),
    ("routing.http.request.x_amzn_tls_version.header_name", ""),
    ("routing.http.response.access_control_allow_credentials.header_value", ""),
    ("routing.http.response.access_control_allow_headers.header_value", ""),
    ("routing.http.response.access_control_allow_methods.header_value", ""),
    ("routing.http.response.access_control_allow_origin.header_value", ""),
    ("routing.http.response.access_control_expose_headers.header_value", ""),
    ("routing.http.response.access_control_max_age.header_value", ""),
    ("routing.http.response.content_security_policy.header_value", ""),
    ("routing.http.response.server.enabled", "true"),
    ("routing.http.response.strict_transport_security.header_value", ""),
    ("routing.http.response.x_content_type_options.header_value", ""),
    ("routing.http.response.x_frame_options.header_value", ""),
];

const TCP_LISTENER: Defaults = &[("tcp.idle_timeout.seconds", "350")];

/// True when deletion protection is on.
pub(super) fn is_protected(attributes: &BTreeMap<String, String>) -> bool {
    attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true")
}

fn show(defaults: Defaults, own: &BTreeMap<String, String>, computed: &str) -> Value {
    defaults
        .iter()
        .map(|(key, usual)| {
            let usual = if *key == "preserve_client_ip.enabled" { computed } else { *usual };
            json!({ "Key": key, "Value": own.get(*key).map_or(usual, String::as_str) })
        })
        .collect()
}

/// Sets attributes, refusing keys that do not exist for the kind.
fn set(defaults: Defaults, own: &mut BTreeMap<String, String>, input: &Input) -> Result<Value, Failure> {
    let mut shown = Vec::new();
    for entry in input.list("Attributes") {
        let (key, value) = (entry.str("Key"), entry.str("Value"));
        if !defaults.iter().any(|(known, _)| *known == key) {
            let text = format!("Attribute key '{key}' is not recognized");
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        let flag = key.ends_with(".enabled") && key != "load_balancing.cross_zone.enabled";
        if flag && !["true", "false"].contains(&value) {
            let text = format!("The value of '{key}' must be true or false");
            return Err(Failure::new("InvalidConfigurationRequest", text));
        }
        own.insert(key.to_owned(), value.to_owned());
        shown.push(json!({ "Key": key, "Value": value }));
    }
    Ok(json!({ "Attributes": shown }))
}

fn of_balancer(kind: Kind) -> Defaults {
    match kind {
        Kind::Network => NETWORK,
        Kind::Application => APPLICATION,
    }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancerAttributes.html>
pub(super) fn describe_of_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = balancer::find(call, input.str("LoadBalancerArn"))?;
    Ok(json!({ "Attributes": show(of_balancer(row.kind), &row.attributes, "") }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html>
pub(super) fn modify_of_balancer(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = balancer::find_mut(call, input.str("LoadBalancerArn"))?;
    Ok(set(of_balancer(row.kind), &mut row.attributes, input)?.into())
}

fn of_group(row: &target_group::TargetGroup) -> Defaults {
    if row.is_http() { HTTP_GROUP } else { TRANSPORT_GROUP }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroupAttributes.html>
pub(super) fn describe_of_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = target_group::find(call, input.str("TargetGroupArn"))?;
    // On for instances and for UDP, off for other addresses.
    let preserves = row.target_type == "instance" || row.protocol.contains("UDP");
    let computed = if preserves { "true" } else { "false" };
    Ok(json!({ "Attributes": show(of_group(row), &row.attributes, computed) }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html>
pub(super) fn modify_of_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = target_group::find_mut(call, input.str("TargetGroupArn"))?;
    Ok(set(of_group(row), &mut row.attributes, input)?.into())
}

fn of_listener(row: &listener::Listener) -> Defaults {
    match row.protocol.as_str() {
        "TCP" => TCP_LISTENER,
        "HTTP" => HTTP_LISTENER,
        "HTTPS" => HTTPS_LISTENER,
        _ => &[],
    }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerAttributes.html>
pub(super) fn describe_of_listener(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = listener::find(call, input.str("ListenerArn"))?;
    Ok(json!({ "Attributes": show(of_listener(row), &row.attributes, "") }).into())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListenerAttributes.html>
pub(super) fn modify_of_listener(call: &mut Call<'_>, input: &Input) -> Outcome {
    let row = listener::find_mut(call, input.str("ListenerArn"))?;
    Ok(set(of_listener(row), &mut row.attributes, input)?.into())
}
