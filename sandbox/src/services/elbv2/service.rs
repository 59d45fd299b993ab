//! What the service offers.

use serde_json::json;

use super::{attribute, balancer, balancer_change, health, limit, listener, rule, tag, target_group};
use crate::services::{Item, Operation, Service, model, validation_error};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "elbv2",
    model: model!("elbv2"),
    operation,
    complete: balancer::complete,
    refuse: validation_error,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddTags" => tag::add_tags,
        "CreateListener" => listener::create_listener,
        "CreateLoadBalancer" => balancer::create_load_balancer,
        "CreateRule" => rule::create_rule,
        "CreateTargetGroup" => target_group::create_target_group,
        "DeleteListener" => listener::delete_listener,
        "DeleteLoadBalancer" => balancer::delete_load_balancer,
        "DeleteRule" => rule::delete_rule,
        "DeleteTargetGroup" => target_group::delete_target_group,
        "DeregisterTargets" => health::deregister_targets,
        "DescribeAccountLimits" => limit::describe_account_limits,
        "DescribeListenerAttributes" => attribute::describe_of_listener,
        "DescribeListenerCertificates" => listener::describe_listener_certificates,
        "DescribeListeners" => listener::describe_listeners,
        "DescribeLoadBalancerAttributes" => attribute::describe_of_balancer,
        "DescribeLoadBalancers" => balancer::describe_load_balancers,
        "DescribeRules" => rule::describe_rules,
        "DescribeSSLPolicies" => limit::describe_ssl_policies,
        "DescribeTags" => tag::describe_tags,
        "DescribeTargetGroupAttributes" => attribute::describe_of_group,
        "DescribeTargetGroups" => target_group::describe_target_groups,
        "DescribeTargetHealth" => health::describe_target_health,
        "ModifyListener" => listener::modify_listener,
        "ModifyListenerAttributes" => attribute::modify_of_listener,
        "ModifyLoadBalancerAttributes" => attribute::modify_of_balancer,
        "ModifyRule" => rule::modify_rule,
        "ModifyTargetGroup" => target_group::modify_target_group,
        "ModifyTargetGroupAttributes" => attribute::modify_of_group,
        "RegisterTargets" => health::register_targets,
        "RemoveTags" => tag::remove_tags,
        "SetIpAddressType" => balancer_change::set_ip_address_type,
        "SetSecurityGroups" => balancer_change::set_security_groups,
        "SetSubnets" => balancer_change::set_subnets,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.elbv2) else { return Vec::new() };
    let item = |arn: &str, kind: &str, id: &str, detail| Item {
        arn: arn.to_owned(),
        kind: format!("elasticloadbalancing:{kind}"),
        id: id.to_owned(),
        tags: state.tags.get(arn).cloned().unwrap_or_default(),
        detail,
    };
    let mut items = Vec::new();
    items.extend(state.balancers.iter().map(|(arn, row)| item(arn, "loadbalancer", &row.name, json!(row))));
    items
        .extend(state.target_groups.iter().map(|(arn, row)| item(arn, "targetgroup", &row.name, json!(row))));
    items.extend(state.listeners.iter().map(|(arn, row)| item(arn, "listener", arn, json!(row))));
    items.extend(state.rules.iter().map(|(arn, row)| item(arn, "listener-rule", arn, json!(row))));
    items
}
