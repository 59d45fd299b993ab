//! What SSM offers.

use serde_json::json;

use super::{parameter, read};
use crate::services::{Item, Operation, Service, model, nothing_completes, validation_exception};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "ssm",
    model: model!("ssm"),
    operation,
    complete: nothing_completes,
    refuse: validation_exception,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddTagsToResource" => parameter::add_tags_to_resource,
        "DeleteParameter" => parameter::delete_parameter,
        "DeleteParameters" => parameter::delete_parameters,
        "DescribeParameters" => read::describe_parameters,
        "GetParameter" => read::get_parameter,
        "GetParameterHistory" => read::get_parameter_history,
        "GetParameters" => read::get_parameters,
        "GetParametersByPath" => read::get_parameters_by_path,
        "ListTagsForResource" => parameter::list_tags_for_resource,
        "PutParameter" => parameter::put_parameter,
        "RemoveTagsFromResource" => parameter::remove_tags_from_resource,
        _ => return None,
    })
}

/// The values stay out of the dump.
fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region) else { return Vec::new() };
    let rows = state.ssm.parameters.iter();
    rows.map(|(name, parameter)| Item {
        arn: format!("arn:aws:ssm:{region}:{account}:parameter/{}", name.trim_start_matches('/')),
        kind: "ssm:parameter".to_owned(),
        id: name.to_owned(),
        tags: parameter.tags.clone(),
        detail: json!({ "type": parameter.newest().map(|version| &version.kind), "versions": parameter.versions.len() }),
    })
    .collect()
}
