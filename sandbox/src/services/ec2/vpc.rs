//! VPCs.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::network_acl::NetworkAcl;
use super::permission::{Rule, Target};
use super::{dhcp_options, quota, requester, route_table, tag};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable, Tags};

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
    if call.home().ec2.vpcs.len() >= quota::limit(call, quota::VPCS) {
        return Err(Failure::new("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let vpc = Vpc {
        cidrs: vec![CidrAssociation { id: call.id("vpc-cidr-assoc"), cidr }],
        tenancy: input.text("InstanceTenancy").unwrap_or("default").to_owned(),
        dhcp_options: dhcp_options::default_set(call),
        dns_support: true,
        dns_hostnames: false,
        usage_metrics: false,
        owner: call.account.clone(),
    };
    let id = call.id("vpc");
    call.home_mut().ec2.vpcs.insert(&id, vpc.clone());
    tag::attach(call, &id, tags);
    furnish(call, &id)?;
    // The answer says `pending`; every describe after it finds the VPC available.
    Ok(json!({ "Vpc": show(call, &id, &vpc, "pending") }).into())
}

/// What every VPC comes with: a main route table, a default network ACL and a default security group, whose members
/// reach each other.
fn furnish(call: &mut Call<'_>, id: &str) -> Result<(), Failure> {
    route_table::make(call, id, true);
    let acl = call.id("acl");
    let row = NetworkAcl { vpc: id.to_owned(), owner: call.account.clone() };
    call.home_mut().ec2.network_acls.insert(&acl, row);
    let names = ("default", "default VPC security group");
    let group = requester::make_group(call, names, id, Tags::new())?;
    requester::add_rule(call, Rule::everything(&group, false, Target::Group(group.clone())));
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html>
pub(super) fn describe_vpcs(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::Vpc,
        ids: "VpcIds",
        filters: "Filters",
        table: |state| &state.vpcs,
        show: |call, id, vpc| show(call, id, vpc, "available"),
        more: no_more,
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
    let in_the_way = state.subnets.values().any(|row| row.vpc == id)
        || state.internet_gateways.values().any(|row| row.vpc.as_deref() == Some(id))
        || state.endpoints.values().any(|row| row.vpc == id)
        || state.interfaces.values().any(|row| row.vpc == id)
        || state.groups.values().any(|row| row.vpc == id && row.name != "default")
        || state.route_tables.values().any(|row| row.vpc == id && !row.is_main());
    if in_the_way {
        let text = format!("The vpc '{id}' has dependencies and cannot be deleted.");
        return Err(Failure::new("DependencyViolation", text));
    }
    let tables: Vec<String> = ids_of(state.route_tables.iter().filter(|(_, row)| row.vpc == id));
    let groups: Vec<String> = ids_of(state.groups.iter().filter(|(_, row)| row.vpc == id));
    let acls: Vec<String> = ids_of(state.network_acls.iter().filter(|(_, row)| row.vpc == id));
    let logs: Vec<String> = ids_of(state.flow_logs.iter().filter(|(_, row)| row.resource == id));
    for group in groups {
        requester::drop_group(call, &group);
    }
    let state = &mut call.home_mut().ec2;
    for table in tables {
        route_table::drop_table(state, &table);
    }
    for acl in acls {
        state.network_acls.remove(&acl);
        state.tags.remove(&acl);
    }
    // The flow logs of a deleted resource go with it.
    for log in logs {
        state.flow_logs.remove(&log);
        state.tags.remove(&log);
    }
    state.vpcs.remove(id);
    state.tags.remove(id);
    Ok(Answer::empty())
}

fn ids_of<'r, T: 'r>(rows: impl Iterator<Item = (&'r str, &'r T)>) -> Vec<String> {
    rows.map(|(id, _)| id.to_owned()).collect()
}

/// A second range: of the same private block as the first, apart from all others of the VPC.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>
pub(super) fn associate_vpc_cidr_block(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.str("VpcId").to_owned();
    let cidr = parse_cidr(input.need("CidrBlock")?, "cidrBlock")?;
    input.only("AmazonProvidedIpv6CidrBlock", "false")?;
    let vpc = call.home().ec2.vpcs.get(&id).ok_or_else(|| Kind::Vpc.missing(&id))?;
    let overlaps = vpc.cidrs.iter().any(|range| range.cidr.contains(&cidr) || cidr.contains(&range.cidr));
    if overlaps || !(16..=28).contains(&cidr.prefix_len()) {
        return Err(Failure::new("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    if vpc.cidrs.len() >= 5 {
        let text = "The maximum number of CIDR blocks of the VPC has been reached.";
        return Err(Failure::new("CidrLimitExceeded", text));
    }
    let association = CidrAssociation { id: call.id("vpc-cidr-assoc"), cidr };
    let shown = json!({
        "AssociationId": association.id, "CidrBlock": cidr.to_string(), "CidrBlockState": { "State": "associating" },
    });
    if let Some(vpc) = call.home_mut().ec2.vpcs.get_mut(&id) {
        vpc.cidrs.push(association);
    }
    Ok(json!({ "VpcId": id, "CidrBlockAssociation": shown }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html>
pub(super) fn disassociate_vpc_cidr_block(call: &mut Call<'_>, input: &Input) -> Outcome {
    let association = input.str("AssociationId");
    let state = &call.home().ec2;
    let found = state.vpcs.iter().find_map(|(id, vpc)| {
        let at = vpc.cidrs.iter().position(|range| range.id == association)?;
        Some((id.to_owned(), at, vpc.cidrs[at].cidr))
    });
    let Some((id, at, cidr)) = found else {
        let text = format!("The vpc CIDR block association ID '{association}' does not exist");
        return Err(Failure::new("InvalidVpcCidrBlockAssociationID.NotFound", text));
    };
    if at == 0 {
        let text = format!(
            "The vpc CIDR block with association ID {association} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
        );
        return Err(Failure::new("OperationNotPermitted", text));
    }
    if state.subnets.values().any(|subnet| subnet.vpc == id && cidr.contains(&subnet.cidr)) {
        let text = format!("The CIDR block {cidr} of {id} has dependencies and cannot be disassociated.");
        return Err(Failure::new("DependencyViolation", text));
    }
    if let Some(vpc) = call.home_mut().ec2.vpcs.get_mut(&id) {
        vpc.cidrs.remove(at);
    }
    let shown = json!({
        "AssociationId": association, "CidrBlock": cidr.to_string(), "CidrBlockState": { "State": "disassociating" },
    });
    Ok(json!({ "VpcId": id, "CidrBlockAssociation": shown }).into())
}
