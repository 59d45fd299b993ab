//! Single routes: a destination and a target, each of which EC2 wants in a parameter of its own sort.

use crate::model::ec2::RouteTarget;
use crate::model::{CloudId, Known};
use crate::provider::Error;
use crate::provider::aws::{Aws, Service, gone_is_fine, resolve};

/// A target by the parameter that takes its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Gateway(String),
    NatGateway(String),
    TransitGateway(String),
    Peering(String),
    Interface(String),
    Endpoint(String),
    EgressOnly(String),
    LocalGateway(String),
    CarrierGateway(String),
    CoreNetwork(String),
}

impl Target {
    pub(super) fn of(target: &RouteTarget, known: &Known) -> Result<Self, Error> {
        const CALL: &str = "CreateRoute";
        match target {
            RouteTarget::InternetGateway(gateway) => Ok(Self::Gateway(resolve(known, gateway, CALL)?.into())),
            RouteTarget::NatGateway(gateway) => Ok(Self::NatGateway(resolve(known, gateway, CALL)?.into())),
            RouteTarget::Other(id) => Self::by_prefix(id).ok_or_else(|| {
                Error::local(
                    "ec2",
                    CALL,
                    format!("`{id}` is not the id of anything that a route can lead to"),
                )
            }),
        }
    }

    fn by_prefix(id: &str) -> Option<Self> {
        let make = match id.split_once('-').map_or("", |(prefix, _)| prefix) {
            "igw" | "vgw" => Self::Gateway,
            "nat" => Self::NatGateway,
            "tgw" => Self::TransitGateway,
            "pcx" => Self::Peering,
            "eni" => Self::Interface,
            "vpce" => Self::Endpoint,
            "eigw" => Self::EgressOnly,
            "lgw" => Self::LocalGateway,
            "cagw" => Self::CarrierGateway,
            _ if id.starts_with("arn:") => Self::CoreNetwork,
            _ => return None,
        };
        Some(make(id.to_owned()))
    }
}

/// A destination by the parameter that takes it: IPv4 range, IPv6 range, prefix list.
fn destination(text: &str) -> [Option<String>; 3] {
    let text = Some(text.to_owned());
    match text.as_deref() {
        Some(list) if list.starts_with("pl-") => [None, None, text],
        Some(range) if range.contains(':') => [None, text, None],
        _ => [text, None, None],
    }
}

/// Makes a route lead to a target, whether it is there already or not.
pub(super) async fn put(aws: &Aws, table: &CloudId, to: &str, target: &Target) -> Result<(), Error> {
    match create(aws, table, to, target).await {
        Err(error) if error.code.as_deref() == Some("RouteAlreadyExists") => {
            replace(aws, table, to, target).await
        }
        other => other,
    }
}

async fn create(aws: &Aws, table: &CloudId, to: &str, target: &Target) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let [v4, v6, list] = destination(to);
    aws.converge(Service::Ec2, "CreateRoute", || {
        let call = ec2
            .create_route()
            .route_table_id(table.as_str())
            .set_destination_cidr_block(v4.clone())
            .set_destination_ipv6_cidr_block(v6.clone())
            .set_destination_prefix_list_id(list.clone());
        match target {
            Target::Gateway(id) => call.gateway_id(id),
            Target::NatGateway(id) => call.nat_gateway_id(id),
            Target::TransitGateway(id) => call.transit_gateway_id(id),
            Target::Peering(id) => call.vpc_peering_connection_id(id),
            Target::Interface(id) => call.network_interface_id(id),
            Target::Endpoint(id) => call.vpc_endpoint_id(id),
            Target::EgressOnly(id) => call.egress_only_internet_gateway_id(id),
            Target::LocalGateway(id) => call.local_gateway_id(id),
            Target::CarrierGateway(id) => call.carrier_gateway_id(id),
            Target::CoreNetwork(arn) => call.core_network_arn(arn),
        }
        .send()
    })
    .await
    .map(|_| ())
}

async fn replace(aws: &Aws, table: &CloudId, to: &str, target: &Target) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let [v4, v6, list] = destination(to);
    aws.converge(Service::Ec2, "ReplaceRoute", || {
        let call = ec2
            .replace_route()
            .route_table_id(table.as_str())
            .set_destination_cidr_block(v4.clone())
            .set_destination_ipv6_cidr_block(v6.clone())
            .set_destination_prefix_list_id(list.clone());
        match target {
            Target::Gateway(id) => call.gateway_id(id),
            Target::NatGateway(id) => call.nat_gateway_id(id),
            Target::TransitGateway(id) => call.transit_gateway_id(id),
            Target::Peering(id) => call.vpc_peering_connection_id(id),
            Target::Interface(id) => call.network_interface_id(id),
            Target::Endpoint(id) => call.vpc_endpoint_id(id),
            Target::EgressOnly(id) => call.egress_only_internet_gateway_id(id),
            Target::LocalGateway(id) => call.local_gateway_id(id),
            Target::CarrierGateway(id) => call.carrier_gateway_id(id),
            Target::CoreNetwork(arn) => call.core_network_arn(arn),
        }
        .send()
    })
    .await
    .map(|_| ())
}

pub(super) async fn delete(aws: &Aws, table: &CloudId, to: &str) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let [v4, v6, list] = destination(to);
    let deleted = aws.remove(Service::Ec2, "DeleteRoute", || {
        ec2.delete_route()
            .route_table_id(table.as_str())
            .set_destination_cidr_block(v4.clone())
            .set_destination_ipv6_cidr_block(v6.clone())
            .set_destination_prefix_list_id(list.clone())
            .send()
    });
    gone_is_fine(deleted.await)
}
