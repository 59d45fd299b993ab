//! What Resource Groups Tagging offers.

use super::resources;
use crate::services::{Operation, Service, invalid_parameter, model, no_inventory, nothing_completes};

/// The service.
pub const SERVICE: Service = Service {
    name: "resourcegroupstaggingapi",
    model: model!("resourcegroupstaggingapi"),
    operation,
    complete: nothing_completes,
    refuse: invalid_parameter,
    inventory: no_inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "GetResources" => resources::get_resources,
        "GetTagKeys" => resources::get_tag_keys,
        "GetTagValues" => resources::get_tag_values,
        _ => return None,
    })
}
