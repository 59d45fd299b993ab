//! What Route 53 offers.

use serde_json::json;

use super::{association, change, list, record, tag, zone};
use crate::services::{Item, Operation, Service, model};
use crate::wire::failure::Failure;
use crate::wire::validate::Violation;
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "route53",
    model: model!("route53"),
    operation,
    complete: change::complete,
    refuse,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AssociateVPCWithHostedZone" => association::associate,
        "ChangeResourceRecordSets" => record::change_resource_record_sets,
        "ChangeTagsForResource" => tag::change_tags_for_resource,
        "CreateHostedZone" => zone::create_hosted_zone,
        "DeleteHostedZone" => zone::delete_hosted_zone,
        "DisassociateVPCFromHostedZone" => association::disassociate,
        "GetChange" => change::get_change,
        "GetHostedZone" => zone::get_hosted_zone,
        "GetHostedZoneCount" => zone::get_hosted_zone_count,
        "ListHostedZones" => list::list_hosted_zones,
        "ListHostedZonesByName" => list::list_hosted_zones_by_name,
        "ListHostedZonesByVPC" => list::list_hosted_zones_by_vpc,
        "ListResourceRecordSets" => list::list_resource_record_sets,
        "ListTagsForResource" => tag::list_tags_for_resource,
        "ListTagsForResources" => tag::list_tags_for_resources,
        "UpdateHostedZoneComment" => zone::update_hosted_zone_comment,
        _ => return None,
    })
}

fn refuse(violation: &Violation) -> Failure {
    Failure::new("InvalidInput", violation.sentence())
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.accounts.get(account).filter(|_| region == "us-east-1") else {
        return Vec::new();
    };
    let zones = state.route53.zones.iter();
    zones
        .map(|(id, zone)| Item {
            arn: format!("arn:aws:route53:::hostedzone/{id}"),
            kind: "route53:hostedzone".to_owned(),
            id: id.to_owned(),
            tags: zone.tags.clone(),
            detail: json!({
                "name": zone.name, "private": zone.private, "vpcs": zone.vpcs,
                "records": zone.records.values().collect::<Vec<_>>(),
            }),
        })
        .collect()
}
