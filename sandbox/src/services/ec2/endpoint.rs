//! VPC endpoints: gateways that are routes, and interfaces in subnets.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::endpoint_service;
use super::kind::Kind;
use super::route::{Route, Via};
use super::{prefix_list, requester, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// Typical seconds until an interface endpoint is available.
const CREATION: i64 = 50;
/// Typical seconds until an interface endpoint is gone.
const DELETION: i64 = 60;

/// What an endpoint allows when nobody says anything.
const OPEN_POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The VPC.
    pub vpc: String,
    /// The service, `com.amazonaws.REGION.…`.
    pub service: String,
    /// True for a gateway, false for interfaces.
    pub gateway: bool,
    /// `pending`, `available`, `deleting`.
    pub state: String,
    /// The policy.
    pub policy: String,
    /// The tables of a gateway.
    pub route_tables: Vec<String>,
    /// Subnet and interface of each zone.
    pub interfaces: Vec<(String, String)>,
    /// The groups of the interfaces.
    pub groups: Vec<String>,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    /// The account.
    pub owner: String,
    /// When it was made.
    pub created: Time,
}

impl Filterable for Endpoint {
    const FILTERS: &'static [&'static str] = &[
        "ip-address-type",
        "service-name",
        "vpc-endpoint-id",
        "vpc-endpoint-state",
        "vpc-endpoint-type",
        "vpc-id",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "ip-address-type" => vec!["ipv4".to_owned()],
            "service-name" => vec![self.service.clone()],
            // The filter knows both spellings of a state.
            "vpc-endpoint-state" => {
                let mut letters = self.state.chars();
                let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect());
                capital.into_iter().chain([self.state.clone()]).collect()
            }
            "vpc-endpoint-type" => vec![self.kind().to_owned()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }
}

impl Endpoint {
    fn kind(&self) -> &'static str {
        if self.gateway { "Gateway" } else { "Interface" }
    }
}

fn show(call: &Call<'_>, id: &str, endpoint: &Endpoint) -> Value {
    let state = &call.home().ec2;
    let name = |group: &String| state.groups.get(group).map(|group| group.name.clone());
    let groups: Vec<Value> =
        endpoint.groups.iter().map(|group| json!({ "GroupId": group, "GroupName": name(group) })).collect();
    let record_type = if endpoint.gateway { "service-defined" } else { "ipv4" };
    json!({
        "VpcEndpointId": id, "VpcEndpointType": endpoint.kind(), "VpcId": endpoint.vpc,
        "ServiceName": endpoint.service, "State": endpoint.state, "PolicyDocument": endpoint.policy,
        "RouteTableIds": endpoint.route_tables,
        "SubnetIds": endpoint.interfaces.iter().map(|(subnet, _)| subnet).collect::<Vec<_>>(),
        "NetworkInterfaceIds": endpoint.interfaces.iter().map(|(_, interface)| interface).collect::<Vec<_>>(),
        "Groups": groups, "IpAddressType": "ipv4",
        "DnsOptions": { "DnsRecordIpType": record_type },
        "PrivateDnsEnabled": endpoint.private_dns, "RequesterManaged": false,
        "DnsEntries": dns_entries(call, id, endpoint), "CreationTimestamp": endpoint.created.value(),
        "OwnerId": endpoint.owner, "Tags": tag::shown(call, id),
    })
}

fn dns_entries(call: &Call<'_>, id: &str, endpoint: &Endpoint) -> Vec<Value> {
    if endpoint.gateway {
        return Vec::new();
    }
    let region = &call.region;
    let short = endpoint_service::short_name(region, &endpoint.service).unwrap_or(&endpoint.service);
    let unique = id.trim_start_matches("vpce-");
    let regional = format!("{id}-{}.{short}.{region}.vpce.amazonaws.com", &unique[..unique.len().min(8)]);
    let mut names = vec![regional];
    if endpoint.private_dns {
        names.push(endpoint_service::private_name(region, short));
    }
    names.iter().map(|name| json!({ "DnsName": name, "HostedZoneId": "Z7HUB22UULQXV" })).collect()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>
pub(super) fn create_vpc_endpoint(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = match call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        Some(id) => id,
        None => make(call, input)?,
    };
    let endpoint = call.home().ec2.endpoints.get(&id).ok_or_else(|| Kind::Endpoint.missing(&id))?;
    let token = input.text("ClientToken");
    Ok(json!({ "VpcEndpoint": show(call, &id, endpoint), "ClientToken": token }).into())
}

fn make(call: &mut Call<'_>, input: &Input) -> Result<String, Failure> {
    let (vpc, service) = (input.str("VpcId").to_owned(), input.need("ServiceName")?.to_owned());
    let tags = tag::at_birth(input, Kind::Endpoint)?;
    input.only("IpAddressType", "ipv4")?;
    if !call.home().ec2.vpcs.contains(&vpc) {
        return Err(Kind::Vpc.missing(&vpc));
    }
    let gateway = match input.text("VpcEndpointType").unwrap_or("Gateway") {
        "Gateway" => true,
        "Interface" => false,
        other => return Err(Failure::unmodelled(format!("VPC endpoints of type {other}"))),
    };
    endpoint_service::require(call, &service, gateway)?;
    let id = call.id("vpce");
    let mut endpoint = Endpoint {
        vpc,
        service,
        gateway,
        state: if gateway { "available" } else { "pending" }.to_owned(),
        policy: policy_of(input)?.unwrap_or_else(|| OPEN_POLICY.to_owned()),
        route_tables: Vec::new(),
        interfaces: Vec::new(),
        groups: Vec::new(),
        private_dns: false,
        owner: call.account.clone(),
        created: call.now,
    };
    if gateway {
        add_tables(call, &id, &mut endpoint, input.texts("RouteTableIds"))?;
        input.only("PrivateDnsEnabled", "false")?;
    } else {
        set_private_dns(call, &id, &mut endpoint, input.flag("PrivateDnsEnabled") != Some(false))?;
        endpoint.groups = input.texts("SecurityGroupIds");
        if endpoint.groups.is_empty() {
            endpoint.groups.extend(call.home().ec2.default_group(&endpoint.vpc));
        }
        add_subnets(call, &id, &mut endpoint, input.texts("SubnetIds"))?;
        if let Some(options) = input.get("DnsOptions") {
            options.only("DnsRecordIpType", "ipv4")?;
        }
        call.begin(&id, "create-vpc-endpoint", CREATION);
    }
    call.home_mut().ec2.endpoints.insert(&id, endpoint);
    tag::attach(call, &id, tags);
    call.remember(input, "ClientToken", &id);
    Ok(id)
}

/// The policy of a request, if it has one; it must be JSON.
fn policy_of(input: &Input) -> Result<Option<String>, Failure> {
    let Some(text) = input.text("PolicyDocument") else { return Ok(None) };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => Ok(Some(text.to_owned())),
        _ => Err(Failure::new("InvalidPolicyDocument", "The specified policy document is not valid JSON.")),
    }
}

/// Private names need both DNS attributes of the VPC, and one endpoint of a service a VPC.
fn set_private_dns(call: &Call<'_>, id: &str, endpoint: &mut Endpoint, on: bool) -> Result<(), Failure> {
    endpoint.private_dns = on;
    if !on {
        return Ok(());
    }
    let state = &call.home().ec2;
    let (vpc_id, service) = (&endpoint.vpc, &endpoint.service);
    if !state.vpcs.get(vpc_id).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames) {
        let text = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for \
             {vpc_id}"
        );
        return Err(Failure::new("InvalidParameter", text));
    }
    let conflict = state.endpoints.iter().any(|(other, row)| {
        other != id
            && row.private_dns
            && row.vpc == *vpc_id
            && row.service == *service
            && row.state != "deleting"
    });
    if conflict {
        let short = endpoint_service::short_name(&call.region, service).unwrap_or(service);
        let name = endpoint_service::private_name(&call.region, short);
        let text = format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC \
             {vpc_id}"
        );
        return Err(Failure::new("InvalidParameter", text));
    }
    Ok(())
}

/// Adds a gateway's route to tables.
fn add_tables(
    call: &mut Call<'_>,
    id: &str,
    endpoint: &mut Endpoint,
    tables: Vec<String>,
) -> Result<(), Failure> {
    let list = prefix_list::of_service(&call.region, &endpoint.service)
        .ok_or_else(|| Failure::internal("a gateway service has a prefix list"))?;
    for table_id in tables {
        let table = call.home_mut().ec2.route_tables.get_mut(&table_id);
        let table = table.ok_or_else(|| Kind::RouteTable.missing(&table_id))?;
        if table.vpc != endpoint.vpc {
            let text = format!("Route table {table_id} is not in VPC {}", endpoint.vpc);
            return Err(Failure::new("InvalidParameter", text));
        }
        if endpoint.route_tables.contains(&table_id) {
            continue;
        }
        if table.routes.iter().any(|route| route.destination == list) {
            let text =
                format!("route table {table_id} already has a route with destination-prefix-list-id {list}");
            return Err(Failure::new("RouteAlreadyExists", text));
        }
        table.routes.push(Route { destination: list.to_owned(), via: Via::Endpoint(id.to_owned()) });
        endpoint.route_tables.push(table_id);
    }
    Ok(())
}

fn remove_tables(call: &mut Call<'_>, id: &str, endpoint: &mut Endpoint, tables: &[String]) {
    for table_id in tables {
        if let Some(table) = call.home_mut().ec2.route_tables.get_mut(table_id) {
            table.routes.retain(|route| route.via != Via::Endpoint(id.to_owned()));
        }
    }
    endpoint.route_tables.retain(|table| !tables.contains(table));
}

/// Adds an interface in each subnet; a zone can have one only.
fn add_subnets(
    call: &mut Call<'_>,
    id: &str,
    endpoint: &mut Endpoint,
    subnets: Vec<String>,
) -> Result<(), Failure> {
    for subnet in subnets {
        let state = &call.home().ec2;
        let place = state.subnets.get(&subnet).ok_or_else(|| Kind::Subnet.missing(&subnet))?;
        if place.vpc != endpoint.vpc {
            let text = format!("Subnet {subnet} is not in VPC {}", endpoint.vpc);
            return Err(Failure::new("InvalidParameter", text));
        }
        let zone = &place.zone;
        let taken = endpoint
            .interfaces
            .iter()
            .any(|(other, _)| state.subnets.get(other).is_some_and(|other| other.zone == *zone));
        if taken {
            let text = format!("Found another VPC endpoint subnet in the availability zone of {subnet}");
            return Err(Failure::new("DuplicateSubnetsInSameZone", text));
        }
        let description = format!("VPC Endpoint Interface {id}");
        let wish = requester::Wish {
            subnet: &subnet,
            groups: &endpoint.groups,
            description: &description,
            kind: "vpc_endpoint",
            requester: Some("amazon-aws"),
            public: false,
        };
        let interface = requester::make_interface(call, &wish)?;
        endpoint.interfaces.push((subnet, interface));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html>
pub(super) fn describe_vpc_endpoints(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Endpoint,
        ids: "VpcEndpointIds",
        filters: "Filters",
        table: |state| &state.endpoints,
        show,
        more: no_more,
    };
    let answer = describe.answer(call, input)?;
    let shown = answer.tree["VpcEndpoints"].as_array().into_iter().flatten();
    let ids: Vec<String> = shown.filter_map(|row| row["VpcEndpointId"].as_str().map(str::to_owned)).collect();
    for id in ids {
        call.shown(&id);
    }
    Ok(answer)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>
pub(super) fn modify_vpc_endpoint(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VpcEndpointId").to_owned();
    input.only("IpAddressType", "ipv4")?;
    let found = call.home().ec2.endpoints.get(&id).filter(|endpoint| endpoint.state != "deleting");
    let mut endpoint = found.cloned().ok_or_else(|| Kind::Endpoint.missing(&id))?;
    if input.flag("ResetPolicy") == Some(true) {
        endpoint.policy = OPEN_POLICY.to_owned();
    }
    if let Some(policy) = policy_of(input)? {
        endpoint.policy = policy;
    }
    if endpoint.gateway {
        remove_tables(call, &id, &mut endpoint, &input.texts("RemoveRouteTableIds"));
        add_tables(call, &id, &mut endpoint, input.texts("AddRouteTableIds"))?;
    } else {
        if let Some(on) = input.flag("PrivateDnsEnabled") {
            set_private_dns(call, &id, &mut endpoint, on)?;
        }
        modify_interfaces(call, input, &id, &mut endpoint)?;
    }
    call.home_mut().ec2.endpoints.insert(&id, endpoint);
    Ok(json!({ "Return": true }).into())
}

fn modify_interfaces(
    call: &mut Call<'_>,
    input: &Input,
    id: &str,
    endpoint: &mut Endpoint,
) -> Result<(), Failure> {
    let removed = input.texts("RemoveSubnetIds");
    let gone = endpoint.interfaces.iter().filter(|(subnet, _)| removed.contains(subnet)).cloned();
    for (_, interface) in gone.collect::<Vec<_>>() {
        requester::drop_interface(call, &interface);
    }
    endpoint.interfaces.retain(|(subnet, _)| !removed.contains(subnet));
    let fewer = input.texts("RemoveSecurityGroupIds");
    endpoint.groups.retain(|group| !fewer.contains(group));
    for group in input.texts("AddSecurityGroupIds") {
        if !call.home().ec2.groups.contains(&group) {
            return Err(Kind::SecurityGroup.missing(&group));
        }
        if !endpoint.groups.contains(&group) {
            endpoint.groups.push(group);
        }
    }
    if endpoint.groups.is_empty() {
        let text = "An interface endpoint must have at least one security group";
        return Err(Failure::new("InvalidParameter", text));
    }
    for (_, interface) in &endpoint.interfaces {
        if let Some(row) = call.home_mut().ec2.interfaces.get_mut(interface) {
            row.groups.clone_from(&endpoint.groups);
        }
    }
    add_subnets(call, id, endpoint, input.texts("AddSubnetIds"))
}

/// Ids that do not exist are reported, the others go.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>
pub(super) fn delete_vpc_endpoints(call: &mut Call<'_>, input: &Input) -> Outcome {
    let mut failed = Vec::new();
    for id in input.texts("VpcEndpointIds") {
        let Some(mut endpoint) = call.home().ec2.endpoints.get(&id).cloned() else {
            let Failure { code, message, .. } = Kind::Endpoint.missing(&id);
            failed.push(json!({ "ResourceId": id, "Error": { "Code": code, "Message": message } }));
            continue;
        };
        if endpoint.gateway {
            let tables = endpoint.route_tables.clone();
            remove_tables(call, &id, &mut endpoint, &tables);
            call.home_mut().ec2.endpoints.remove(&id);
            call.home_mut().ec2.tags.remove(&id);
        } else if endpoint.state != "deleting" {
            endpoint.state = "deleting".to_owned();
            call.abandon(&id);
            call.home_mut().ec2.endpoints.insert(&id, endpoint);
            call.begin_removal(&id, "delete-vpc-endpoint", DELETION);
        }
    }
    Ok(json!({ "Unsuccessful": failed }).into())
}

/// Ends a creation or a deletion.
pub(super) fn complete(call: &mut Call<'_>, id: &str, change: &str) {
    let Some(endpoint) = call.home_mut().ec2.endpoints.get_mut(id) else { return };
    if change == "create-vpc-endpoint" {
        endpoint.state = "available".to_owned();
        return;
    }
    let interfaces = endpoint.interfaces.clone();
    for (_, interface) in interfaces {
        requester::drop_interface(call, &interface);
    }
    let state = &mut call.home_mut().ec2;
    state.endpoints.remove(id);
    state.tags.remove(id);
}
