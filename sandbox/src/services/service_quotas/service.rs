//! What Service Quotas offers.

use super::quota;
use crate::services::{Operation, Service, model, no_inventory, nothing_completes};
use crate::wire::failure::Failure;
use crate::wire::validate::Violation;

/// The service.
pub const SERVICE: Service = Service {
    name: "service-quotas",
    model: model!("service-quotas"),
    operation,
    complete: nothing_completes,
    refuse,
    inventory: no_inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "GetAWSDefaultServiceQuota" => quota::get_default,
        "GetServiceQuota" => quota::get,
        "ListAWSDefaultServiceQuotas" => quota::list_default,
        "ListServiceQuotas" => quota::list,
        "ListServices" => quota::list_services,
        _ => return None,
    })
}

fn refuse(violation: &Violation) -> Failure {
    Failure::new("IllegalArgumentException", violation.sentence())
}
