//! What Auto Scaling offers.

use serde_json::json;

use super::{activity, describe, group, tag};
use crate::services::{Item, Operation, Service, model, nothing_completes, validation_error};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "autoscaling",
    model: model!("autoscaling"),
    operation,
    complete: nothing_completes,
    refuse: validation_error,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateOrUpdateTags" => tag::create_or_update_tags,
        "DeleteTags" => tag::delete_tags,
        "DescribeAutoScalingGroups" => describe::describe_auto_scaling_groups,
        "DescribeAutoScalingInstances" => describe::describe_auto_scaling_instances,
        "DescribeLaunchConfigurations" => describe::describe_launch_configurations,
        "DescribeScalingActivities" => activity::describe_scaling_activities,
        "DescribeTags" => tag::describe_tags,
        "SetDesiredCapacity" => group::set_desired_capacity,
        "UpdateAutoScalingGroup" => group::update_auto_scaling_group,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.autoscaling) else {
        return Vec::new();
    };
    let item = |(name, row): (&str, &group::Group)| Item {
        arn: format!(
            "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{name}",
            row.id
        ),
        kind: "autoscaling:autoScalingGroup".to_owned(),
        id: name.to_owned(),
        tags: row.tags.clone(),
        detail: json!({ "min": row.min, "max": row.max, "desired": row.desired, "instances": row.instances.len() }),
    };
    state.groups.iter().map(item).collect()
}
