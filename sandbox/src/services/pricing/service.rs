//! What Pricing offers.

use super::product;
use crate::services::{Operation, Service, invalid_parameter, model, no_inventory, nothing_completes};

/// The service.
pub const SERVICE: Service = Service {
    name: "pricing",
    model: model!("pricing"),
    operation,
    complete: nothing_completes,
    refuse: invalid_parameter,
    inventory: no_inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "DescribeServices" => product::describe_services,
        "GetProducts" => product::get_products,
        _ => return None,
    })
}
