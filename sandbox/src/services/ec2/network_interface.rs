//! Network interfaces: those that a caller makes, and those that AWS makes for gateways, endpoints, clusters and
//! load balancers (see [`super::requester`]).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::state::State;
use super::subnet::Subnet;
use super::{requester, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A network interface with one private address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// Its subnet.
    pub subnet: String,
    /// Its VPC.
    pub vpc: String,
    /// Its zone.
    pub zone: String,
    /// The description.
    pub description: String,
    /// `interface`, `nat_gateway`, `vpc_endpoint`, `network_load_balancer`.
    pub kind: String,
    /// Who made it, when that was a service: it can then only be deleted by that service.
    pub requester: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its private address.
    pub address: Ipv4Addr,
    /// Its hardware address.
    pub mac: String,
    /// Whether traffic to other addresses is dropped.
    pub source_dest_check: bool,
    /// `in-use` when attached.
    pub attachment: Option<Attachment>,
    /// The account.
    pub owner: String,
    /// The client token it was made with, shown by nobody.
    pub created: Time,
    /// A public address that its maker gave it.
    #[serde(default)]
    pub public: Option<Ipv4Addr>,
}

/// What an interface is attached to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// `eni-attach-…`, or `ela-attach-…` for services.
    pub id: String,
    /// The account or service that owns the other end.
    pub instance_owner: String,
    /// The instance, if it is one.
    pub instance: Option<String>,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
}

impl Filterable for NetworkInterface {
    const FILTERS: &'static [&'static str] = &[
        "addresses.private-ip-address",
        "attachment.attachment-id",
        "attachment.instance-id",
        "attachment.instance-owner-id",
        "attachment.status",
        "availability-zone",
        "description",
        "group-id",
        "interface-type",
        "mac-address",
        "network-interface-id",
        "owner-id",
        "private-ip-address",
        "requester-id",
        "requester-managed",
        "source-dest-check",
        "status",
        "subnet-id",
        "vpc-id",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        let attached = |value: fn(&Attachment) -> String| self.attachment.iter().map(value).collect();
        vec![match filter {
            "attachment.attachment-id" => return attached(|attachment| attachment.id.clone()),
            "attachment.instance-id" => {
                return self.attachment.iter().filter_map(|a| a.instance.clone()).collect();
            }
            "attachment.instance-owner-id" => {
                return attached(|attachment| attachment.instance_owner.clone());
            }
            "attachment.status" => return attached(|_| "attached".into()),
            "group-id" => return self.groups.clone(),
            "requester-id" => return self.requester.iter().cloned().collect(),
            "addresses.private-ip-address" | "private-ip-address" => self.address.to_string(),
            "availability-zone" => self.zone.clone(),
            "description" => self.description.clone(),
            "interface-type" => self.kind.clone(),
            "mac-address" => self.mac.clone(),
            "owner-id" => self.owner.clone(),
            "requester-managed" => self.requester.is_some().to_string(),
            "source-dest-check" => self.source_dest_check.to_string(),
            "status" => self.status().into(),
            "subnet-id" => self.subnet.clone(),
            "vpc-id" => self.vpc.clone(),
            _ => return Vec::new(),
        }]
    }
}

impl NetworkInterface {
    fn status(&self) -> &'static str {
        if self.attachment.is_some() { "in-use" } else { "available" }
    }
}

/// The first free address of a subnet; AWS keeps the first four and the last.
pub(super) fn free_address(state: &State, id: &str, subnet: &Subnet) -> Option<Ipv4Addr> {
    let first = u32::from(subnet.cidr.network()) + 4;
    let last = u32::from(subnet.cidr.broadcast());
    let used: std::collections::BTreeSet<u32> = state
        .interfaces
        .values()
        .filter(|interface| interface.subnet == id)
        .map(|interface| u32::from(interface.address))
        .collect();
    (first..last).find(|address| !used.contains(address)).map(Ipv4Addr::from)
}

fn show(call: &Call<'_>, id: &str, interface: &NetworkInterface) -> Value {
    let state = &call.home().ec2;
    let name = |group: &String| state.groups.get(group).map(|group| group.name.clone());
    let groups: Vec<Value> =
        interface.groups.iter().map(|group| json!({ "GroupId": group, "GroupName": name(group) })).collect();
    let association = state.addresses.iter().find_map(|(allocation, address)| {
        let association = address.association.as_ref().filter(|association| association.interface == id)?;
        Some(json!({
            "AllocationId": allocation, "AssociationId": association.id, "PublicIp": address.public.to_string(),
            "IpOwnerId": address.owner, "PublicDnsName": "",
        }))
    });
    let given = interface.public.map(|public| {
        json!({ "PublicIp": public.to_string(), "IpOwnerId": interface.requester, "PublicDnsName": "" })
    });
    let association = association.or(given);
    let attachment = interface.attachment.as_ref().map(|attachment| {
        json!({
            "AttachmentId": attachment.id, "InstanceOwnerId": attachment.instance_owner,
            "InstanceId": attachment.instance, "DeviceIndex": 1, "Status": "attached",
            "DeleteOnTermination": attachment.delete_on_termination, "AttachTime": interface.created.value(),
        })
    });
    let address = interface.address.to_string();
    let name = format!("ip-{}.{}.compute.internal", address.replace('.', "-"), call.region);
    json!({
        "NetworkInterfaceId": id, "SubnetId": interface.subnet, "VpcId": interface.vpc,
        "AvailabilityZone": interface.zone, "Description": interface.description,
        "InterfaceType": interface.kind, "RequesterManaged": interface.requester.is_some(),
        "RequesterId": interface.requester, "Groups": groups, "MacAddress": interface.mac,
        "OwnerId": interface.owner, "PrivateIpAddress": address, "PrivateDnsName": name,
        "PrivateIpAddresses": [{
            "Primary": true, "PrivateIpAddress": address, "PrivateDnsName": name, "Association": association,
        }],
        "SourceDestCheck": interface.source_dest_check, "Status": interface.status(), "Attachment": attachment,
        "Association": association, "Ipv6Addresses": [], "TagSet": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>
pub(super) fn create_network_interface(call: &mut Call<'_>, input: &Input) -> Outcome {
    if let Some(id) = call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        return shown_again(call, &id);
    }
    let groups = input.texts("Groups");
    let wish = requester::Wish {
        subnet: input.str("SubnetId"),
        groups: &groups,
        description: input.text("Description").unwrap_or_default(),
        kind: "interface",
        requester: None,
        public: false,
    };
    let tags = tag::at_birth(input, Kind::NetworkInterface)?;
    let wanted = match input.text("PrivateIpAddress") {
        Some(text) => Some(text.parse::<Ipv4Addr>().map_err(|_| {
            Failure::new("InvalidParameterValue", format!("invalid value for parameter address: [{text}]"))
        })?),
        None => None,
    };
    let id = requester::make_interface(call, &wish)?;
    if let Some(address) = wanted {
        place_at(call, &id, address)?;
    }
    tag::attach(call, &id, tags);
    call.remember(input, "ClientToken", &id);
    shown_again(call, &id)
}

/// Moves a new interface to the address that its caller asked for.
fn place_at(call: &mut Call<'_>, id: &str, address: Ipv4Addr) -> Result<(), Failure> {
    let state = &mut call.home_mut().ec2;
    let Some(subnet_id) = state.interfaces.get(id).map(|interface| interface.subnet.clone()) else {
        return Err(Kind::NetworkInterface.missing(id));
    };
    let inside = state.subnets.get(&subnet_id).is_some_and(|subnet| subnet.cidr.contains(&address));
    if !inside {
        let text = format!("Address {address} does not fall within the subnet's address range");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    let taken = |(other, interface): (&str, &NetworkInterface)| {
        other != id && interface.subnet == subnet_id && interface.address == address
    };
    if state.interfaces.iter().any(taken) {
        return Err(Failure::new("InvalidIPAddress.InUse", format!("Address {address} is in use.")));
    }
    if let Some(interface) = state.interfaces.get_mut(id) {
        interface.address = address;
    }
    Ok(())
}

fn shown_again(call: &Call<'_>, id: &str) -> Outcome {
    let interface = call.home().ec2.interfaces.get(id).ok_or_else(|| Kind::NetworkInterface.missing(id))?;
    Ok(json!({ "NetworkInterface": show(call, id, interface) }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>
pub(super) fn describe_network_interfaces(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::NetworkInterface,
        ids: "NetworkInterfaceIds",
        filters: "Filters",
        table: |state| &state.interfaces,
        show,
        more: no_more,
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>
pub(super) fn modify_network_interface_attribute(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("NetworkInterfaceId").to_owned();
    let description = input.get("Description").and_then(|value| value.text("Value")).map(str::to_owned);
    let check = input.get("SourceDestCheck").and_then(|value| value.flag("Value"));
    let groups = input.texts("Groups");
    let state = &mut call.home_mut().ec2;
    if let Some(missing) = groups.iter().find(|group| !state.groups.contains(group)) {
        return Err(Kind::SecurityGroup.missing(missing));
    }
    let Some(interface) = state.interfaces.get_mut(&id) else {
        return Err(Kind::NetworkInterface.missing(&id));
    };
    refuse_if_managed(&id, interface)?;
    if let Some(description) = description {
        interface.description = description;
    }
    if !groups.is_empty() {
        interface.groups = groups;
    }
    interface.source_dest_check = check.unwrap_or(interface.source_dest_check);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html>
pub(super) fn delete_network_interface(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("NetworkInterfaceId");
    let Some(interface) = call.home().ec2.interfaces.get(id) else {
        return Err(Kind::NetworkInterface.missing(id));
    };
    refuse_if_managed(id, interface)?;
    if interface.attachment.is_some() {
        let text = format!("Network interface '{id}' is currently in use.");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    requester::drop_interface(call, id);
    Ok(Answer::empty())
}

/// An interface of a service cannot be changed by anybody else.
fn refuse_if_managed(id: &str, interface: &NetworkInterface) -> Result<(), Failure> {
    if interface.requester.is_none() {
        return Ok(());
    }
    let text =
        format!("You do not have permission to access the specified resource: {id} is managed by a service.");
    Err(Failure::new("AuthFailure", text))
}
