//! Internet gateways.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::{quota, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// The VPC it is attached to.
    pub vpc: Option<String>,
    /// The account.
    pub owner: String,
}

impl Filterable for InternetGateway {
    const FILTERS: &'static [&'static str] =
        &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id"];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "attachment.state" => self.vpc.iter().map(|_| "available".to_owned()).collect(),
            "attachment.vpc-id" => self.vpc.iter().cloned().collect(),
            "owner-id" => vec![self.owner.clone()],
            _ => Vec::new(),
        }
    }
}

fn show(call: &Call<'_>, id: &str, gateway: &InternetGateway) -> Value {
    let attached = gateway.vpc.iter().map(|vpc| json!({ "VpcId": vpc, "State": "available" }));
    json!({
        "InternetGatewayId": id, "OwnerId": gateway.owner, "Attachments": attached.collect::<Vec<_>>(),
        "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>
pub(super) fn create_internet_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = tag::at_birth(input, Kind::InternetGateway)?;
    if call.home().ec2.internet_gateways.len() >= quota::limit(call, quota::INTERNET_GATEWAYS) {
        let text = "The maximum number of internet gateways has been reached.";
        return Err(Failure::new("InternetGatewayLimitExceeded", text));
    }
    let gateway = InternetGateway { vpc: None, owner: call.account.clone() };
    let id = call.id("igw");
    call.home_mut().ec2.internet_gateways.insert(&id, gateway.clone());
    tag::attach(call, &id, tags);
    Ok(json!({ "InternetGateway": show(call, &id, &gateway) }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html>
pub(super) fn describe_internet_gateways(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::InternetGateway,
        ids: "InternetGatewayIds",
        filters: "Filters",
        table: |state| &state.internet_gateways,
        show,
        more: no_more,
    };
    describe.answer(call, input)
}

/// The gateway and the VPC that a request names; both must exist.
fn pair(call: &Call<'_>, input: &Input) -> Result<(String, String, InternetGateway), Failure> {
    let (id, vpc) = (input.str("InternetGatewayId"), input.str("VpcId"));
    let state = &call.home().ec2;
    let gateway = state.internet_gateways.get(id).ok_or_else(|| Kind::InternetGateway.missing(id))?;
    if !state.vpcs.contains(vpc) {
        return Err(Kind::Vpc.missing(vpc));
    }
    Ok((id.to_owned(), vpc.to_owned(), gateway.clone()))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>
pub(super) fn attach_internet_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, vpc, gateway) = pair(call, input)?;
    if let Some(other) = gateway.vpc {
        let text = format!("resource {id} is already attached to network {other}");
        return Err(Failure::new("Resource.AlreadyAssociated", text));
    }
    let state = &mut call.home_mut().ec2;
    if state.internet_gateways.values().any(|other| other.vpc.as_ref() == Some(&vpc)) {
        let text = format!("Network {vpc} already has an internet gateway attached");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    if let Some(gateway) = state.internet_gateways.get_mut(&id) {
        gateway.vpc = Some(vpc);
    }
    Ok(Answer::empty())
}

/// Refused while something in the VPC has a public address.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>
pub(super) fn detach_internet_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (id, vpc, gateway) = pair(call, input)?;
    if gateway.vpc.as_ref() != Some(&vpc) {
        let text = format!("resource {id} is not attached to network {vpc}");
        return Err(Failure::new("Gateway.NotAttached", text));
    }
    let state = &mut call.home_mut().ec2;
    let mapped = state.addresses.values().any(|address| {
        let interface = address.association.as_ref().and_then(|one| state.interfaces.get(&one.interface));
        interface.is_some_and(|interface| interface.vpc == vpc)
    });
    let given = state.interfaces.values().any(|interface| interface.vpc == vpc && interface.public.is_some());
    if mapped || given {
        let text = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching \
             the gateway."
        );
        return Err(Failure::new("DependencyViolation", text));
    }
    if let Some(gateway) = state.internet_gateways.get_mut(&id) {
        gateway.vpc = None;
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html>
pub(super) fn delete_internet_gateway(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("InternetGatewayId");
    let state = &mut call.home_mut().ec2;
    let gateway = state.internet_gateways.get(id).ok_or_else(|| Kind::InternetGateway.missing(id))?;
    if gateway.vpc.is_some() {
        let text = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
        return Err(Failure::new("DependencyViolation", text));
    }
    state.internet_gateways.remove(id);
    state.tags.remove(id);
    Ok(Answer::empty())
}
