//! What the service offers.

use serde_json::json;

use super::{attribute, balancer, tag};
use crate::services::{Item, Operation, Service, model, validation_error};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "elb",
    model: model!("elb"),
    operation,
    complete: balancer::complete,
    refuse: validation_error,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddTags" => tag::add_tags,
        "ConfigureHealthCheck" => balancer::configure_health_check,
        "CreateLoadBalancer" => balancer::create_load_balancer,
        "DeleteLoadBalancer" => balancer::delete_load_balancer,
        "DescribeAccountLimits" => balancer::describe_account_limits,
        "DescribeInstanceHealth" => balancer::describe_instance_health,
        "DescribeLoadBalancerAttributes" => attribute::describe,
        "DescribeLoadBalancers" => balancer::describe_load_balancers,
        "DescribeTags" => tag::describe_tags,
        "ModifyLoadBalancerAttributes" => attribute::modify,
        "RemoveTags" => tag::remove_tags,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.elb) else { return Vec::new() };
    let item = |(name, row): (&str, &balancer::Balancer)| Item {
        arn: format!("arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{name}"),
        kind: "elasticloadbalancing:loadbalancer".to_owned(),
        id: name.to_owned(),
        tags: row.tags.clone(),
        detail: json!(row),
    };
    state.balancers.iter().map(item).collect()
}
