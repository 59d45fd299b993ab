//! Elastic IPs.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::{quota, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// An elastic IP. Public addresses of the sandbox are from 198.18.0.0/15, which RFC 2544 keeps for benchmarks, so
/// that nobody's real host is ever named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// The public address.
    pub public: Ipv4Addr,
    /// What it is on.
    pub association: Option<AddressAssociation>,
    /// The region.
    pub region: String,
    /// The account.
    pub owner: String,
}

/// An address on an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    /// `eipassoc-…`.
    pub id: String,
    /// The network interface.
    pub interface: String,
}

impl Address {
    /// True when it is on this interface.
    pub fn is_on(&self, interface: &str) -> bool {
        self.association.as_ref().is_some_and(|association| association.interface == interface)
    }
}

impl Filterable for Address {
    const FILTERS: &'static [&'static str] = &[
        "allocation-id",
        "association-id",
        "domain",
        "instance-id",
        "network-border-group",
        "network-interface-id",
        "network-interface-owner-id",
        "private-ip-address",
        "public-ip",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        let associated = |value: fn(&AddressAssociation) -> &String| {
            self.association.iter().map(|association| value(association).clone()).collect()
        };
        match filter {
            "association-id" => associated(|association| &association.id),
            "domain" => vec!["vpc".to_owned()],
            "network-border-group" => vec![self.region.clone()],
            "network-interface-id" => associated(|association| &association.interface),
            "network-interface-owner-id" => self.association.iter().map(|_| self.owner.clone()).collect(),
            "public-ip" => vec![self.public.to_string()],
            _ => Vec::new(),
        }
    }
}

fn private_of(call: &Call<'_>, address: &Address) -> Option<String> {
    let interface = &address.association.as_ref()?.interface;
    Some(call.home().ec2.interfaces.get(interface)?.address.to_string())
}

fn show(call: &Call<'_>, id: &str, address: &Address) -> Value {
    let association = address.association.as_ref();
    json!({
        "AllocationId": id, "PublicIp": address.public.to_string(), "Domain": "vpc",
        "PublicIpv4Pool": "amazon", "NetworkBorderGroup": address.region,
        "AssociationId": association.map(|one| &one.id),
        "NetworkInterfaceId": association.map(|one| &one.interface),
        "NetworkInterfaceOwnerId": association.map(|_| &address.owner),
        "PrivateIpAddress": private_of(call, address), "Tags": tag::shown(call, id),
    })
}

/// A public address that nobody in the region has.
pub(super) fn fresh(call: &mut Call<'_>) -> Ipv4Addr {
    loop {
        let low = u32::try_from(call.world_mut().dice.below(1 << 17)).unwrap_or(0);
        let public = Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + low);
        let state = &call.home().ec2;
        let taken = state.addresses.values().any(|other| other.public == public)
            || state.interfaces.values().any(|other| other.public == Some(public));
        if !taken {
            return public;
        }
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>
pub(super) fn allocate_address(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("Domain", "vpc")?;
    input.only("PublicIpv4Pool", "amazon")?;
    let region = call.region.clone();
    input.only("NetworkBorderGroup", &region)?;
    let tags = tag::at_birth(input, Kind::Address)?;
    if call.home().ec2.addresses.len() >= quota::limit(call, quota::ADDRESSES) {
        let text = "The maximum number of addresses has been reached.";
        return Err(Failure::new("AddressLimitExceeded", text));
    }
    let public = fresh(call);
    let address = Address { public, association: None, region: region.clone(), owner: call.account.clone() };
    let id = call.id("eipalloc");
    call.home_mut().ec2.addresses.insert(&id, address);
    tag::attach(call, &id, tags);
    let pool = "amazon";
    Ok(json!({
        "AllocationId": id, "PublicIp": public.to_string(), "Domain": "vpc", "PublicIpv4Pool": pool,
        "NetworkBorderGroup": region,
    })
    .into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html>
pub(super) fn describe_addresses(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Address,
        ids: "AllocationIds",
        filters: "Filters",
        table: |state| &state.addresses,
        show,
        more: |call, _, address, filter| match filter {
            "private-ip-address" => private_of(call, address).into_iter().collect(),
            _ => Vec::new(),
        },
    };
    let public = input.texts("PublicIps");
    let state = &call.home().ec2;
    for wanted in &public {
        if !state.addresses.values().any(|address| address.public.to_string() == *wanted) {
            return Err(Failure::new("InvalidAddress.NotFound", format!("Address '{wanted}' not found.")));
        }
    }
    // This describe does not page.
    let shown: Vec<Value> = describe
        .chosen(call, input)?
        .iter()
        .filter_map(|id| Some((id, state.addresses.get(id)?)))
        .filter(|(_, address)| public.is_empty() || public.contains(&address.public.to_string()))
        .map(|(id, address)| show(call, id, address))
        .collect();
    Ok(json!({ "Addresses": shown }).into())
}

/// Nobody set a reverse name in the model, so there is only the address itself.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html>
pub(super) fn describe_addresses_attribute(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("Attribute", "domain-name")?;
    let wanted = input.texts("AllocationIds");
    let state = &call.home().ec2;
    if let Some(missing) = wanted.iter().find(|id| !state.addresses.contains(id)) {
        return Err(Kind::Address.missing(missing));
    }
    let rows = state
        .addresses
        .iter()
        .filter(|(id, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == id))
        .map(|(id, address)| {
            (id.to_owned(), json!({ "AllocationId": id, "PublicIp": address.public.to_string() }))
        })
        .collect();
    let rules = crate::world::PageRules { min: 1, ..crate::world::PageRules::EC2 };
    Ok(call.page(input, rules, rows)?.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html>
pub(super) fn associate_address(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, interface) = (input.need("AllocationId")?, input.need("NetworkInterfaceId")?);
    let state = &call.home().ec2;
    let address = state.addresses.get(id).ok_or_else(|| Kind::Address.missing(id))?;
    let target = state.interfaces.get(interface).ok_or_else(|| Kind::NetworkInterface.missing(interface))?;
    input.only("PrivateIpAddress", &target.address.to_string())?;
    let again = input.flag("AllowReassociation") == Some(true);
    let busy = address.association.is_some() || state.addresses.values().any(|other| other.is_on(interface));
    if busy && !again && !address.is_on(interface) {
        let text = format!("resource {id} is already associated with associate-id");
        return Err(Failure::new("Resource.AlreadyAssociated", text));
    }
    let association = associate(call, id, interface);
    Ok(json!({ "AssociationId": association }).into())
}

/// Puts an address on an interface and gives the id of the association.
pub(super) fn associate(call: &mut Call<'_>, id: &str, interface: &str) -> String {
    let association = call.id("eipassoc");
    if let Some(address) = call.home_mut().ec2.addresses.get_mut(id) {
        address.association =
            Some(AddressAssociation { id: association.clone(), interface: interface.to_owned() });
    }
    association
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html>
pub(super) fn disassociate_address(call: &mut Call<'_>, input: &Input) -> Outcome {
    let association = input.need("AssociationId")?;
    let state = &call.home().ec2;
    let mine = |address: &Address| address.association.as_ref().is_some_and(|one| one.id == association);
    let Some((id, address)) = state.addresses.iter().find(|(_, address)| mine(address)) else {
        let text = format!("The association ID '{association}' does not exist");
        return Err(Failure::new("InvalidAssociationID.NotFound", text));
    };
    let interface = address.association.as_ref().and_then(|one| state.interfaces.get(&one.interface));
    if interface.is_some_and(|interface| interface.kind == "nat_gateway") {
        let text = "You do not have permission to access the specified resource.";
        return Err(Failure::new("AuthFailure", text));
    }
    let id = id.to_owned();
    if let Some(address) = call.home_mut().ec2.addresses.get_mut(&id) {
        address.association = None;
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html>
pub(super) fn release_address(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.need("AllocationId")?;
    let region = call.region.clone();
    input.only("NetworkBorderGroup", &region)?;
    let state = &mut call.home_mut().ec2;
    let address = state.addresses.get(id).ok_or_else(|| Kind::Address.missing(id))?;
    if address.association.is_some() {
        let text = format!("Address {} is in use.", address.public);
        return Err(Failure::new("InvalidIPAddress.InUse", text));
    }
    state.addresses.remove(id);
    state.tags.remove(id);
    Ok(Answer::empty())
}
