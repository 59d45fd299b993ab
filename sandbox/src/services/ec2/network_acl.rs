//! Network ACLs: each VPC has its default one, which lets everything through.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Describe;
use super::kind::Kind;
use super::tag;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// The default network ACL of a VPC. Others are not modelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// The VPC.
    pub vpc: String,
    /// The account.
    pub owner: String,
}

impl Filterable for NetworkAcl {
    const FILTERS: &'static [&'static str] = &[
        "association.association-id",
        "association.network-acl-id",
        "association.subnet-id",
        "default",
        "network-acl-id",
        "owner-id",
        "vpc-id",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "default" => vec!["true".to_owned()],
            "owner-id" => vec![self.owner.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }
}

/// Every subnet of the VPC is associated; the id of the association follows from that of the subnet.
fn associations<'c>(call: &'c Call<'_>, acl: &'c NetworkAcl) -> impl Iterator<Item = (String, &'c str)> {
    let subnets = call.home().ec2.subnets.iter().filter(|(_, subnet)| subnet.vpc == acl.vpc);
    subnets.map(|(id, _)| (id.replacen("subnet-", "aclassoc-", 1), id))
}

fn show(call: &Call<'_>, id: &str, acl: &NetworkAcl) -> Value {
    let entry = |egress: bool, number: i64, action: &str| {
        json!({
            "CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": action, "RuleNumber": number,
        })
    };
    let associations: Vec<Value> = associations(call, acl)
        .map(|(association, subnet)| {
            json!({ "NetworkAclAssociationId": association, "NetworkAclId": id, "SubnetId": subnet })
        })
        .collect();
    json!({
        "NetworkAclId": id, "VpcId": acl.vpc, "OwnerId": acl.owner, "IsDefault": true,
        "Associations": associations,
        "Entries": [
            entry(true, 100, "allow"), entry(true, 32767, "deny"),
            entry(false, 100, "allow"), entry(false, 32767, "deny"),
        ],
        "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html>
pub(super) fn describe_network_acls(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::NetworkAcl,
        ids: "NetworkAclIds",
        filters: "Filters",
        table: |state| &state.network_acls,
        show,
        more: |call, id, acl, filter| match filter {
            "association.association-id" => {
                associations(call, acl).map(|(association, _)| association).collect()
            }
            "association.subnet-id" => associations(call, acl).map(|(_, subnet)| subnet.to_owned()).collect(),
            _ => vec![id.to_owned()],
        },
    };
    describe.answer(call, input)
}
