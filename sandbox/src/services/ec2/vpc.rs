//! VPCs.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::tag;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its ranges; the first is the primary one.
    pub cidrs: Vec<CidrAssociation>,
    /// `default` or `dedicated`.
    pub tenancy: String,
    /// Its DHCP options.
    pub dhcp_options: String,
    /// Whether the resolver answers.
    pub dns_support: bool,
    /// Whether instances get public names.
    pub dns_hostnames: bool,
    /// Whether address usage is metered.
    pub usage_metrics: bool,
    /// The account.
    pub owner: String,
}

/// A range of a VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CidrAssociation {
    /// `vpc-cidr-assoc-…`.
    pub id: String,
    /// The range.
    pub cidr: Ipv4Net,
}

impl Filterable for Vpc {
    const FILTERS: &'static [&'static str] = &[
        "cidr",
        "cidr-block-association.association-id",
        "cidr-block-association.cidr-block",
        "cidr-block-association.state",
        "dhcp-options-id",
        "is-default",
        "owner-id",
        "state",
        "vpc-id",
        "ipv6-cidr-block-association.association-id",
        "ipv6-cidr-block-association.ipv6-cidr-block",
        "ipv6-cidr-block-association.ipv6-pool",
        "ipv6-cidr-block-association.state",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        let every = |value: fn(&CidrAssociation) -> String| self.cidrs.iter().map(value).collect();
        match filter {
            "cidr" => vec![self.primary().to_string()],
            "cidr-block-association.association-id" => every(|range| range.id.clone()),
            "cidr-block-association.cidr-block" => every(|range| range.cidr.to_string()),
            "cidr-block-association.state" => every(|_| "associated".into()),
            "dhcp-options-id" => vec![self.dhcp_options.clone()],
            "is-default" => vec!["false".into()],
            "owner-id" => vec![self.owner.clone()],
            "state" => vec!["available".into()],
            _ => Vec::new(),
        }
    }
}

impl Vpc {
    /// The primary range.
    pub fn primary(&self) -> Ipv4Net {
        self.cidrs.first().map(|range| range.cidr).unwrap_or_default()
    }
}

/// Reads a range and refuses what is none.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn parse_cidr(text: &str, parameter: &str) -> Result<Ipv4Net, Failure> {
    text.parse::<Ipv4Net>().map(|net| net.trunc()).map_err(|_| {
        let why = "This is not a valid CIDR block.";
        Failure::new(
            "InvalidParameterValue",
            format!("Value ({text}) for parameter {parameter} is invalid. {why}"),
        )
    })
}

/// The describe of one VPC.
fn show(call: &Call<'_>, id: &str, vpc: &Vpc, state: &str) -> Value {
    let ranges: Vec<Value> = vpc
        .cidrs
        .iter()
        .map(|range| {
            json!({
                "AssociationId": range.id, "CidrBlock": range.cidr.to_string(),
                "CidrBlockState": { "State": "associated" },
            })
        })
        .collect();
    json!({
        "VpcId": id, "CidrBlock": vpc.primary().to_string(), "CidrBlockAssociationSet": ranges, "State": state,
        "DhcpOptionsId": vpc.dhcp_options, "InstanceTenancy": vpc.tenancy, "IsDefault": false,
        "OwnerId": vpc.owner, "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>
pub(super) fn create_vpc(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cidr = parse_cidr(input.need("CidrBlock")?, "cidrBlock")?;
    if !(16..=28).contains(&cidr.prefix_len()) {
        return Err(Failure::new("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    input.only("AmazonProvidedIpv6CidrBlock", "false")?;
    let tags = tag::at_birth(input, Kind::Vpc)?;
    let vpc = Vpc {
        cidrs: vec![CidrAssociation { id: call.id("vpc-cidr-assoc"), cidr }],
        tenancy: input.text("InstanceTenancy").unwrap_or("default").to_owned(),
        dhcp_options: "dopt-00000000000000001".to_owned(),
        dns_support: true,
        dns_hostnames: false,
        usage_metrics: false,
        owner: call.account.clone(),
    };
    let id = call.id("vpc");
    call.home_mut().ec2.vpcs.insert(&id, vpc.clone());
    tag::attach(call, &id, tags);
    // The answer says `pending`; every describe after it finds the VPC available.
    Ok(json!({ "Vpc": show(call, &id, &vpc, "pending") }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html>
pub(super) fn describe_vpcs(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Vpc,
        ids: "VpcIds",
        filters: "Filters",
        table: |state| &state.vpcs,
        show: |call, id, vpc| show(call, id, vpc, "available"),
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html>
pub(super) fn delete_vpc(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VpcId");
    let state = &call.home().ec2;
    if !state.vpcs.contains(id) {
        return Err(Kind::Vpc.missing(id));
    }
    if state.subnets.values().any(|subnet| subnet.vpc == id) {
        let text = format!("The vpc '{id}' has dependencies and cannot be deleted.");
        return Err(Failure::new("DependencyViolation", text));
    }
    let state = &mut call.home_mut().ec2;
    state.vpcs.remove(id);
    state.tags.remove(id);
    Ok(Answer::empty())
}
