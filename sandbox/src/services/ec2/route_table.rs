//! Route tables and which subnets use them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::route::{self, Route};
use super::state::State;
use super::tag;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A route table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The VPC.
    pub vpc: String,
    /// The routes besides the local ones.
    pub routes: Vec<Route>,
    /// What uses it.
    pub associations: Vec<Association>,
    /// The account.
    pub owner: String,
}

/// A use of a route table: by a subnet, or by every subnet without a table of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// `rtbassoc-…`.
    pub id: String,
    /// The subnet; `None` for the main association of the VPC.
    pub subnet: Option<String>,
}

impl RouteTable {
    /// True for the table of every subnet without one of its own.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|one| one.subnet.is_none())
    }
}

impl Filterable for RouteTable {
    const FILTERS: &'static [&'static str] = &[
        "association.main",
        "association.route-table-association-id",
        "association.route-table-id",
        "association.subnet-id",
        "owner-id",
        "route-table-id",
        "route.destination-cidr-block",
        "route.destination-prefix-list-id",
        "route.gateway-id",
        "route.nat-gateway-id",
        "route.origin",
        "route.state",
        "vpc-id",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        let associations = || self.associations.iter();
        match filter {
            "association.main" => {
                // A table that nothing uses is no main table either.
                associations().map(|one| one.subnet.is_none().to_string()).collect()
            }
            "association.route-table-association-id" => associations().map(|one| one.id.clone()).collect(),
            "association.subnet-id" => associations().filter_map(|one| one.subnet.clone()).collect(),
            "owner-id" => vec![self.owner.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }
}

fn show(call: &Call<'_>, id: &str, table: &RouteTable) -> Value {
    let associations: Vec<Value> = table
        .associations
        .iter()
        .map(|one| {
            json!({
                "RouteTableAssociationId": one.id, "RouteTableId": id, "SubnetId": one.subnet,
                "Main": one.subnet.is_none(), "AssociationState": { "State": "associated" },
            })
        })
        .collect();
    json!({
        "RouteTableId": id, "VpcId": table.vpc, "OwnerId": table.owner, "Associations": associations,
        "Routes": route::shown(call, table), "PropagatingVgws": [], "Tags": tag::shown(call, id),
    })
}

/// Values of the filters on routes, which depend on what the routes lead to.
fn route_values(call: &Call<'_>, id: &str, table: &RouteTable, filter: &str) -> Vec<String> {
    let member = match filter {
        "association.route-table-id" => return table.associations.iter().map(|_| id.to_owned()).collect(),
        "route.destination-cidr-block" => "DestinationCidrBlock",
        "route.destination-prefix-list-id" => "DestinationPrefixListId",
        "route.gateway-id" => "GatewayId",
        "route.nat-gateway-id" => "NatGatewayId",
        "route.origin" => "Origin",
        "route.state" => "State",
        _ => return Vec::new(),
    };
    let routes = route::shown(call, table);
    routes.iter().filter_map(|route| route[member].as_str().map(str::to_owned)).collect()
}

/// Makes a table and gives its id; `main` for the one that comes with a VPC.
pub(super) fn make(call: &mut Call<'_>, vpc: &str, main: bool) -> String {
    let id = call.id("rtb");
    let associations =
        if main { vec![Association { id: call.id("rtbassoc"), subnet: None }] } else { Vec::new() };
    let owner = call.account.clone();
    let table = RouteTable { vpc: vpc.to_owned(), routes: Vec::new(), associations, owner };
    call.home_mut().ec2.route_tables.insert(&id, table);
    id
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>
pub(super) fn create_route_table(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = match call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        Some(id) => id,
        None => {
            let vpc = input.str("VpcId");
            let tags = tag::at_birth(input, Kind::RouteTable)?;
            if !call.home().ec2.vpcs.contains(vpc) {
                return Err(Kind::Vpc.missing(vpc));
            }
            let id = make(call, vpc, false);
            tag::attach(call, &id, tags);
            call.remember(input, "ClientToken", &id);
            id
        }
    };
    let table = find(call, &id)?;
    let token = input.text("ClientToken");
    Ok(json!({ "RouteTable": show(call, &id, table), "ClientToken": token }).into())
}

/// The table with this id.
pub(super) fn find<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c RouteTable, Failure> {
    call.home().ec2.route_tables.get(id).ok_or_else(|| Kind::RouteTable.missing(id))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html>
pub(super) fn describe_route_tables(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::RouteTable,
        ids: "RouteTableIds",
        filters: "Filters",
        table: |state| &state.route_tables,
        show,
        more: route_values,
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html>
pub(super) fn delete_route_table(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("RouteTableId");
    if !find(call, id)?.associations.is_empty() {
        let text = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
        return Err(Failure::new("DependencyViolation", text));
    }
    drop_table(&mut call.home_mut().ec2, id);
    Ok(Answer::empty())
}

/// Removes a table; gateway endpoints forget it.
pub(super) fn drop_table(state: &mut State, id: &str) {
    state.route_tables.remove(id);
    state.tags.remove(id);
    let users =
        state.endpoints.iter().filter(|(_, endpoint)| endpoint.route_tables.iter().any(|table| table == id));
    let users: Vec<String> = users.map(|(endpoint, _)| endpoint.to_owned()).collect();
    for user in users {
        if let Some(endpoint) = state.endpoints.get_mut(&user) {
            endpoint.route_tables.retain(|table| table != id);
        }
    }
}

/// The table with an association, and the association.
fn with_association(state: &State, id: &str) -> Result<(String, Association), Failure> {
    let found = state.route_tables.iter().find_map(|(table, row)| {
        let one = row.associations.iter().find(|one| one.id == id)?;
        Some((table.to_owned(), one.clone()))
    });
    found.ok_or_else(|| {
        let text = format!("The association ID '{id}' does not exist");
        Failure::new("InvalidAssociationID.NotFound", text)
    })
}

/// Takes an association from its table.
fn detach(state: &mut State, table: &str, association: &str) {
    if let Some(row) = state.route_tables.get_mut(table) {
        row.associations.retain(|one| one.id != association);
    }
}

/// A deleted subnet uses no table any more.
pub(super) fn forget_subnet(state: &mut State, subnet: &str) {
    let uses = |row: &RouteTable| row.associations.iter().any(|one| one.subnet.as_deref() == Some(subnet));
    let found = state.route_tables.iter().find(|(_, row)| uses(row)).map(|(id, _)| id.to_owned());
    if let Some(row) = found.and_then(|id| state.route_tables.get_mut(&id)) {
        row.associations.retain(|one| one.subnet.as_deref() != Some(subnet));
    }
}

/// The same subnet and table again is no error and gives the same id.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>
pub(super) fn associate_route_table(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (table, subnet) = (input.str("RouteTableId").to_owned(), input.need("SubnetId")?.to_owned());
    let vpc = find(call, &table)?.vpc.clone();
    let state = &call.home().ec2;
    let place = state.subnets.get(&subnet).ok_or_else(|| Kind::Subnet.missing(&subnet))?;
    if place.vpc != vpc {
        let text = format!("route table {table} and subnet {subnet} belong to different networks");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    let existing = state.route_tables.iter().find_map(|(id, row)| {
        let one = row.associations.iter().find(|one| one.subnet.as_deref() == Some(&subnet))?;
        Some((id, one.id.clone()))
    });
    let associated = |id: &str| json!({ "AssociationId": id, "AssociationState": { "State": "associated" } });
    match existing {
        Some((id, association)) if id == table => return Ok(associated(&association).into()),
        Some((id, association)) => {
            let text = format!(
                "the specified association for route table {id} conflicts with an existing association {association}"
            );
            return Err(Failure::new("Resource.AlreadyAssociated", text));
        }
        None => {}
    }
    let id = call.id("rtbassoc");
    if let Some(row) = call.home_mut().ec2.route_tables.get_mut(&table) {
        row.associations.push(Association { id: id.clone(), subnet: Some(subnet) });
    }
    Ok(associated(&id).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html>
pub(super) fn disassociate_route_table(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("AssociationId");
    let (table, association) = with_association(&call.home().ec2, id)?;
    if association.subnet.is_none() {
        let text = format!("cannot disassociate the main route table association {id}");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    detach(&mut call.home_mut().ec2, &table, id);
    Ok(Answer::empty())
}

/// Works on the main association too, which is how a VPC gets another main table.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>
pub(super) fn replace_route_table_association(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, table) = (input.str("AssociationId"), input.str("RouteTableId"));
    let vpc = find(call, table)?.vpc.clone();
    let (old, association) = with_association(&call.home().ec2, id)?;
    if find(call, &old)?.vpc != vpc {
        let text = format!("route table {table} and association {id} belong to different networks");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    let new = call.id("rtbassoc");
    let state = &mut call.home_mut().ec2;
    detach(state, &old, id);
    if let Some(row) = state.route_tables.get_mut(table) {
        row.associations.push(Association { id: new.clone(), subnet: association.subnet });
    }
    Ok(json!({ "NewAssociationId": new, "AssociationState": { "State": "associated" } }).into())
}
