//! What STS offers.

use super::{assume, identity};
use crate::services::{Operation, Service, model, no_inventory, nothing_completes, validation_error};

/// The service.
pub const SERVICE: Service = Service {
    name: "sts",
    model: model!("sts"),
    operation,
    complete: nothing_completes,
    refuse: validation_error,
    inventory: no_inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AssumeRole" => assume::assume_role,
        "GetSessionToken" => assume::get_session_token,
        "GetCallerIdentity" => identity::get_caller_identity,
        "GetAccessKeyInfo" => identity::get_access_key_info,
        _ => return None,
    })
}
