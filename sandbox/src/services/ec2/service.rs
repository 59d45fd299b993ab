//! What EC2 offers.

use serde_json::json;

use super::kind::Kind;
use super::{subnet, tag, vpc, vpc_attribute, zone};
use crate::services::{Item, Operation, Service, model, nothing_completes};
use crate::wire::failure::Failure;
use crate::wire::validate::Violation;
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "ec2",
    model: model!("ec2"),
    operation,
    complete: nothing_completes,
    refuse,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateSubnet" => subnet::create_subnet,
        "CreateTags" => tag::create_tags,
        "CreateVpc" => vpc::create_vpc,
        "DeleteSubnet" => subnet::delete_subnet,
        "DeleteTags" => tag::delete_tags,
        "DeleteVpc" => vpc::delete_vpc,
        "DescribeAvailabilityZones" => zone::describe_availability_zones,
        "DescribeRegions" => zone::describe_regions,
        "DescribeSubnets" => subnet::describe_subnets,
        "DescribeTags" => tag::describe_tags,
        "DescribeVpcAttribute" => vpc_attribute::describe_vpc_attribute,
        "DescribeVpcs" => vpc::describe_vpcs,
        "ModifySubnetAttribute" => subnet::modify_subnet_attribute,
        "ModifyVpcAttribute" => vpc_attribute::modify_vpc_attribute,
        _ => return None,
    })
}

/// EC2 has codes of its own for what breaks the model.
fn refuse(violation: &Violation) -> Failure {
    let Violation { path, value, .. } = violation;
    if violation.is_missing() {
        return Failure::new("MissingParameter", format!("The request must contain the parameter {path}"));
    }
    Failure::new("InvalidParameterValue", format!("Value ({value}) for parameter {path} is invalid."))
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.ec2) else { return Vec::new() };
    let item = |kind: Kind, id: &str, detail| Item {
        arn: format!("arn:aws:ec2:{region}:{account}:{}/{id}", kind.resource_type()),
        kind: format!("ec2:{}", kind.resource_type()),
        id: id.to_owned(),
        tags: state.tags.get(id).cloned().unwrap_or_default(),
        detail,
    };
    let mut items = Vec::new();
    items.extend(state.vpcs.iter().map(|(id, row)| item(Kind::Vpc, id, json!(row))));
    items.extend(state.subnets.iter().map(|(id, row)| item(Kind::Subnet, id, json!(row))));
    items
}
