//! What CloudWatch Logs offers.

use serde_json::json;

use super::{event, group, stream, tag};
use crate::services::{Item, Operation, Service, invalid_parameter, model, nothing_completes};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "logs",
    model: model!("logs"),
    operation,
    complete: nothing_completes,
    refuse: invalid_parameter,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AssociateKmsKey" => group::associate_kms_key,
        "CreateLogGroup" => group::create_log_group,
        "CreateLogStream" => stream::create_log_stream,
        "DeleteLogGroup" => group::delete_log_group,
        "DeleteLogStream" => stream::delete_log_stream,
        "DeleteRetentionPolicy" => group::delete_retention_policy,
        "DescribeLogGroups" => group::describe_log_groups,
        "DescribeLogStreams" => stream::describe_log_streams,
        "DisassociateKmsKey" => group::disassociate_kms_key,
        "FilterLogEvents" => event::filter_log_events,
        "GetLogEvents" => event::get_log_events,
        "ListTagsForResource" | "ListTagsLogGroup" => tag::list_tags,
        "PutLogEvents" => event::put_log_events,
        "PutRetentionPolicy" => group::put_retention_policy,
        "TagLogGroup" | "TagResource" => tag::tag,
        "UntagLogGroup" | "UntagResource" => tag::untag,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.logs) else { return Vec::new() };
    let item = |(name, group): (&str, &group::Group)| Item {
        arn: format!("arn:aws:logs:{region}:{account}:log-group:{name}"),
        kind: "logs:log-group".to_owned(),
        id: name.to_owned(),
        tags: group.tags.clone(),
        detail: json!(group),
    };
    state.groups.iter().map(item).collect()
}
