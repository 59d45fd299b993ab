//! Routes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::Kind;
use super::nat_gateway::NatState;
use super::route_table::{self, RouteTable};
use super::vpc::parse_cidr;
use super::{prefix_list, quota};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// An IPv4 range, or the id of a prefix list.
    pub destination: String,
    /// Where it leads.
    pub via: Via,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// An internet gateway.
    InternetGateway(String),
    /// A NAT gateway.
    NatGateway(String),
    /// A network interface.
    Interface(String),
    /// A gateway endpoint.
    Endpoint(String),
}

impl Route {
    fn is_prefix_list(&self) -> bool {
        self.destination.starts_with("pl-")
    }
}

/// False once the thing that the route leads to is gone or detached: a black hole.
fn is_active(call: &Call<'_>, vpc: &str, via: &Via) -> bool {
    let state = &call.home().ec2;
    match via {
        Via::InternetGateway(id) => {
            state.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_deref() == Some(vpc))
        }
        Via::NatGateway(id) => state
            .nat_gateways
            .get(id)
            .is_some_and(|gateway| matches!(gateway.state, NatState::Pending | NatState::Available)),
        Via::Interface(id) => {
            state.interfaces.get(id).is_some_and(|interface| interface.attachment.is_some())
        }
        Via::Endpoint(id) => state.endpoints.contains(id),
    }
}

/// All routes of a table for an answer: the local ones of the VPC's ranges first.
pub(super) fn shown(call: &Call<'_>, table: &RouteTable) -> Vec<Value> {
    let vpc = call.home().ec2.vpcs.get(&table.vpc);
    let local = vpc.into_iter().flat_map(|vpc| &vpc.cidrs).map(|range| {
        json!({
            "DestinationCidrBlock": range.cidr.to_string(), "GatewayId": "local", "State": "active",
            "Origin": "CreateRouteTable",
        })
    });
    let own = table.routes.iter().map(|route| {
        let state = if is_active(call, &table.vpc, &route.via) { "active" } else { "blackhole" };
        let mut value = json!({ "State": state, "Origin": "CreateRoute" });
        let destination =
            if route.is_prefix_list() { "DestinationPrefixListId" } else { "DestinationCidrBlock" };
        value[destination] = route.destination.as_str().into();
        let (member, id) = match &route.via {
            Via::InternetGateway(id) | Via::Endpoint(id) => ("GatewayId", id),
            Via::NatGateway(id) => ("NatGatewayId", id),
            Via::Interface(id) => ("NetworkInterfaceId", id),
        };
        value[member] = id.as_str().into();
        value
    });
    local.chain(own).collect()
}

/// The destination that a request names.
fn destination(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    if let Some(list) = input.text("DestinationPrefixListId") {
        return prefix_list::require(call, list).map(|()| list.to_owned());
    }
    let cidr = input.text("DestinationCidrBlock").ok_or_else(|| {
        let text = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId";
        Failure::new("MissingParameter", text)
    })?;
    Ok(parse_cidr(cidr, "destinationCidrBlock")?.to_string())
}

/// Where a request's route shall lead; refuses what does not exist or is in another VPC.
fn via(call: &Call<'_>, input: &Input, (table, vpc): (&str, &str)) -> Result<Via, Failure> {
    let state = &call.home().ec2;
    let elsewhere = |what: &str| {
        let text = format!("route table {table} and {what} belong to different networks");
        Failure::new("InvalidParameterValue", text)
    };
    if let Some(id) = input.text("GatewayId") {
        let gateway = state.internet_gateways.get(id).ok_or_else(|| Kind::InternetGateway.missing(id))?;
        if gateway.vpc.as_deref() != Some(vpc) {
            return Err(elsewhere(&format!("network gateway {id}")));
        }
        return Ok(Via::InternetGateway(id.to_owned()));
    }
    if let Some(id) = input.text("NatGatewayId") {
        let gone =
            |state: NatState| matches!(state, NatState::Deleted | NatState::Failed | NatState::Deleting);
        let gateway = state.nat_gateways.get(id).filter(|gateway| !gone(gateway.state));
        let gateway = gateway.ok_or_else(|| {
            Failure::new("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{id}' does not exist"))
        })?;
        if gateway.vpc != vpc {
            return Err(elsewhere(&format!("NAT gateway {id}")));
        }
        return Ok(Via::NatGateway(id.to_owned()));
    }
    if let Some(id) = input.text("NetworkInterfaceId") {
        let interface = state.interfaces.get(id).ok_or_else(|| Kind::NetworkInterface.missing(id))?;
        if interface.vpc != vpc {
            return Err(elsewhere(&format!("interface {id}")));
        }
        return Ok(Via::Interface(id.to_owned()));
    }
    Err(Failure::new("MissingParameter", "The request must contain exactly one target of the route"))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>
pub(super) fn create_route(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("RouteTableId").to_owned();
    let table = route_table::find(call, &id)?;
    let destination = destination(call, input)?;
    let local = call
        .home()
        .ec2
        .vpcs
        .get(&table.vpc)
        .is_some_and(|vpc| vpc.cidrs.iter().any(|range| range.cidr.to_string() == destination));
    if local || table.routes.iter().any(|route| route.destination == destination) {
        let text = format!("The route identified by {destination} already exists.");
        return Err(Failure::new("RouteAlreadyExists", text));
    }
    if table.routes.len() >= quota::limit(call, quota::ROUTES_PER_TABLE) {
        let text = "The maximum number of routes has been reached.";
        return Err(Failure::new("RouteLimitExceeded", text));
    }
    let via = via(call, input, (&id, &table.vpc))?;
    if let Some(table) = call.home_mut().ec2.route_tables.get_mut(&id) {
        table.routes.push(Route { destination, via });
    }
    Ok(json!({ "Return": true }).into())
}

fn no_route(table: &str, destination: &str) -> Failure {
    let text = format!("no route with destination-cidr-block {destination} in route table {table}");
    Failure::new("InvalidRoute.NotFound", text)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html>
pub(super) fn replace_route(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("RouteTableId").to_owned();
    let vpc = route_table::find(call, &id)?.vpc.clone();
    let destination = destination(call, input)?;
    let via = via(call, input, (&id, &vpc))?;
    let table = call.home_mut().ec2.route_tables.get_mut(&id);
    let route =
        table.and_then(|table| table.routes.iter_mut().find(|route| route.destination == destination));
    match route {
        // AWS words it this way for ReplaceRoute too.
        None => {
            let text = format!("There is no route defined for '{destination}' in the route table.");
            Err(Failure::new("InvalidParameterValue", text))
        }
        Some(route) => {
            route.via = via;
            Ok(Answer::empty())
        }
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html>
pub(super) fn delete_route(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("RouteTableId").to_owned();
    let table = route_table::find(call, &id)?;
    let destination = destination(call, input)?;
    let found = table.routes.iter().find(|route| route.destination == destination);
    let local = call
        .home()
        .ec2
        .vpcs
        .get(&table.vpc)
        .is_some_and(|vpc| vpc.cidrs.iter().any(|range| range.cidr.to_string() == destination));
    if local || found.is_some_and(|route| matches!(route.via, Via::Endpoint(_))) {
        let text = format!("cannot remove local route {destination} in route table {id}");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    if found.is_none() {
        return Err(no_route(&id, &destination));
    }
    if let Some(table) = call.home_mut().ec2.route_tables.get_mut(&id) {
        table.routes.retain(|route| route.destination != destination);
    }
    Ok(Answer::empty())
}
