//! What ACM offers.

use serde_json::json;

use super::certificate;
use crate::services::{Item, Operation, Service, model, nothing_completes, validation_exception};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "acm",
    model: model!("acm"),
    operation,
    complete: nothing_completes,
    refuse: validation_exception,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AddTagsToCertificate" => certificate::add_tags,
        "DeleteCertificate" => certificate::delete_certificate,
        "DescribeCertificate" => certificate::describe_certificate,
        "ListCertificates" => certificate::list_certificates,
        "ListTagsForCertificate" => certificate::list_tags,
        "RemoveTagsFromCertificate" => certificate::remove_tags,
        "RequestCertificate" => certificate::request_certificate,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(region) = world.region(account, region) else { return Vec::new() };
    let certificates = region.acm.certificates.iter();
    certificates
        .map(|(arn, certificate)| Item {
            arn: arn.to_owned(),
            kind: "acm:certificate".to_owned(),
            id: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            tags: certificate.tags.clone(),
            detail: json!({ "domains": certificate.domains, "issued": certificate.issued.is_some() }),
        })
        .collect()
}
