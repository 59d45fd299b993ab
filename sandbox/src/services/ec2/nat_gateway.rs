//! NAT gateways: pending, available, deleting, deleted (and shown as deleted for an hour).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::{address, quota, requester, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// Typical seconds until a new gateway is available.
const CREATION: i64 = 105;
/// Typical seconds until a gateway is deleted.
const DELETION: i64 = 55;
/// How long a deleted gateway is still described, in milliseconds.
const SHOWN_AFTERWARDS: i64 = 3_600_000;

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its subnet.
    pub subnet: String,
    /// Its VPC.
    pub vpc: String,
    /// `public` or `private`.
    pub connectivity: String,
    /// The elastic IP and its association, of a public one.
    pub address: Option<NatAddress>,
    /// Its network interface.
    pub interface: String,
    /// Its private address.
    pub private: String,
    /// Where it stands.
    pub state: NatState,
    /// Why it failed.
    pub failure: Option<(String, String)>,
    /// When it was made.
    pub created: Time,
    /// When it was deleted.
    pub deleted: Option<Time>,
}

/// The public address of a NAT gateway, remembered after it is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatAddress {
    /// The allocation.
    pub allocation: String,
    /// The association.
    pub association: String,
    /// The public address.
    pub public: String,
}

/// Where a NAT gateway stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NatState {
    /// Being made.
    Pending,
    /// Could not be made.
    Failed,
    /// At work.
    Available,
    /// Going away.
    Deleting,
    /// Gone, still shown.
    Deleted,
}

impl NatState {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

impl Filterable for NatGateway {
    const FILTERS: &'static [&'static str] = &["nat-gateway-id", "state", "subnet-id", "vpc-id"];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "state" => vec![self.state.name().to_owned()],
            "subnet-id" => vec![self.subnet.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }
}

fn show(call: &Call<'_>, id: &str, gateway: &NatGateway) -> Value {
    let address = gateway.address.as_ref();
    json!({
        "NatGatewayId": id, "SubnetId": gateway.subnet, "VpcId": gateway.vpc, "State": gateway.state.name(),
        "ConnectivityType": gateway.connectivity, "CreateTime": gateway.created.value(),
        "DeleteTime": gateway.deleted.map(Time::value),
        "FailureCode": gateway.failure.as_ref().map(|(code, _)| code),
        "FailureMessage": gateway.failure.as_ref().map(|(_, text)| text),
        "NatGatewayAddresses": [{
            "AllocationId": address.map(|one| &one.allocation),
            "AssociationId": address.map(|one| &one.association),
            "PublicIp": address.map(|one| &one.public),
            "NetworkInterfaceId": gateway.interface, "PrivateIp": gateway.private, "IsPrimary": true,
            "Status": if gateway.state == NatState::Failed { "failed" } else { "succeeded" },
        }],
        "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>
pub(super) fn create_nat_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = match call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        Some(id) => id,
        None => make(call, input)?,
    };
    let gateway = call.home().ec2.nat_gateways.get(&id).ok_or_else(|| Kind::NatGateway.missing(&id))?;
    let token = input.text("ClientToken");
    Ok(json!({ "NatGateway": show(call, &id, gateway), "ClientToken": token }).into())
}

fn make(call: &mut Call<'_>, input: &Input) -> Result<String, Failure> {
    input.only("AvailabilityMode", "zonal")?;
    let subnet_id = input.need("SubnetId")?;
    let connectivity = input.text("ConnectivityType").unwrap_or("public").to_owned();
    let tags = tag::at_birth(input, Kind::NatGateway)?;
    let state = &call.home().ec2;
    let subnet = state.subnets.get(subnet_id).cloned().ok_or_else(|| Kind::Subnet.missing(subnet_id))?;
    let in_zone = |other: &NatGateway| {
        let there = state.subnets.get(&other.subnet).is_some_and(|place| place.zone == subnet.zone);
        there && matches!(other.state, NatState::Pending | NatState::Available)
    };
    let siblings = state.nat_gateways.values().filter(|other| in_zone(other)).count();
    if siblings >= quota::limit(call, quota::NAT_GATEWAYS_PER_ZONE) {
        let text =
            format!("Performing this operation would exceed the limit of NAT gateways in {}", subnet.zone);
        return Err(Failure::new("NatGatewayLimitExceeded", text));
    }
    let allocation = asked_allocation(call, input, &connectivity)?;
    let has_way_out =
        call.home().ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(&subnet.vpc));
    let id = call.id("nat");
    let description = format!("Interface for NAT Gateway {id}");
    let interface = requester::make_interface(
        call,
        &requester::Wish {
            subnet: subnet_id,
            groups: &[],
            description: &description,
            kind: "nat_gateway",
            requester: Some("amazon-aws"),
            public: false,
        },
    )?;
    let address = allocation.map(|(allocation, public)| {
        let association = address::associate(call, &allocation, &interface);
        NatAddress { allocation, association, public }
    });
    let private = call.home().ec2.interfaces.get(&interface).map(|row| row.address.to_string());
    let failure = (connectivity == "public" && !has_way_out).then(|| {
        let text = format!("Network {} has no Internet gateway attached", subnet.vpc);
        ("Gateway.NotAttached".to_owned(), text)
    });
    let gateway = NatGateway {
        subnet: subnet_id.to_owned(),
        vpc: subnet.vpc,
        connectivity,
        address,
        interface,
        private: private.unwrap_or_default(),
        state: NatState::Pending,
        failure,
        created: call.now,
        deleted: None,
    };
    call.home_mut().ec2.nat_gateways.insert(&id, gateway);
    tag::attach(call, &id, tags);
    call.begin(&id, "create-nat-gateway", CREATION);
    call.remember(input, "ClientToken", &id);
    Ok(id)
}

/// A public gateway needs an elastic IP, a private one must not have one.
fn asked_allocation(
    call: &Call<'_>,
    input: &Input,
    connectivity: &str,
) -> Result<Option<(String, String)>, Failure> {
    match (connectivity, input.text("AllocationId")) {
        ("public", Some(allocation)) => free_allocation(call, allocation).map(Some),
        ("public", None) => {
            Err(Failure::new("MissingParameter", "The request must contain the parameter AllocationId"))
        }
        (_, Some(_)) => {
            let text = "AllocationId is not valid for a private NAT gateway";
            Err(Failure::new("InvalidParameterCombination", text))
        }
        (_, None) => Ok(None),
    }
}

fn free_allocation(call: &Call<'_>, id: &str) -> Result<(String, String), Failure> {
    let address = call.home().ec2.addresses.get(id).ok_or_else(|| Kind::Address.missing(id))?;
    if address.association.is_some() {
        let text = format!("resource {id} is already associated");
        return Err(Failure::new("Resource.AlreadyAssociated", text));
    }
    Ok((id.to_owned(), address.public.to_string()))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html>
pub(super) fn describe_nat_gateways(call: &mut Call<'_>, input: &Input) -> Outcome {
    forget_old(call);
    let describe = Describe {
        kind: Kind::NatGateway,
        ids: "NatGatewayIds",
        // EC2 spells it both ways over time; the model has `Filter`.
        filters: "Filter",
        table: |state| &state.nat_gateways,
        show: |call, id, gateway| {
            // A gateway that cannot work says why only once it has failed.
            let hidden = NatGateway { failure: None, ..gateway.clone() };
            show(call, id, if gateway.state == NatState::Failed { gateway } else { &hidden })
        },
        more: super::describe::no_more,
    };
    let answer = describe.answer(call, input)?;
    let shown = answer.tree["NatGateways"].as_array().into_iter().flatten();
    let ids: Vec<String> = shown.filter_map(|row| row["NatGatewayId"].as_str().map(str::to_owned)).collect();
    for id in ids {
        call.shown(&id);
    }
    Ok(answer)
}

/// Drops gateways that were deleted more than an hour ago.
fn forget_old(call: &mut Call<'_>) {
    let now = call.now;
    let old = |gateway: &NatGateway| {
        gateway.state == NatState::Deleted
            && gateway.deleted.is_some_and(|deleted| now.0 - deleted.0 > SHOWN_AFTERWARDS)
    };
    let rows = call.home().ec2.nat_gateways.iter().filter(|(_, gateway)| old(gateway));
    let gone: Vec<String> = rows.map(|(id, _)| id.to_owned()).collect();
    if gone.is_empty() {
        return;
    }
    let state = &mut call.home_mut().ec2;
    for id in gone {
        state.nat_gateways.remove(&id);
        state.tags.remove(&id);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html>
pub(super) fn delete_nat_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("NatGatewayId").to_owned();
    let now = call.now;
    let Some(gateway) = call.home_mut().ec2.nat_gateways.get_mut(&id) else {
        return Err(Kind::NatGateway.missing(&id));
    };
    if !matches!(gateway.state, NatState::Deleting | NatState::Deleted) {
        gateway.state = NatState::Deleting;
        gateway.deleted = Some(now);
        call.abandon(&id);
        call.begin_removal(&id, "delete-nat-gateway", DELETION);
    }
    Ok(json!({ "NatGatewayId": id }).into())
}

/// Ends a creation or a deletion.
pub(super) fn complete(call: &mut Call<'_>, id: &str, change: &str) {
    let Some(gateway) = call.home_mut().ec2.nat_gateways.get_mut(id) else { return };
    if change == "create-nat-gateway" {
        gateway.state = if gateway.failure.is_some() { NatState::Failed } else { NatState::Available };
        if gateway.state == NatState::Available {
            return;
        }
    } else {
        gateway.state = NatState::Deleted;
    }
    // A failed gateway gives its interface and its address back, like a deleted one.
    let interface = gateway.interface.clone();
    requester::drop_interface(call, &interface);
}
