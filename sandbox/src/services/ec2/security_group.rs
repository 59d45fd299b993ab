//! Security groups.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::permission::{Rule, grouped};
use super::{requester, tag};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A security group. Its rules are rows of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// The name, unique in the VPC.
    pub name: String,
    /// The description.
    pub description: String,
    /// The VPC.
    pub vpc: String,
    /// The account.
    pub owner: String,
}

impl Filterable for SecurityGroup {
    const FILTERS: &'static [&'static str] = &[
        "description",
        "group-id",
        "group-name",
        "owner-id",
        "vpc-id",
        "egress.ip-permission.cidr",
        "egress.ip-permission.from-port",
        "egress.ip-permission.group-id",
        "egress.ip-permission.protocol",
        "egress.ip-permission.to-port",
        "ip-permission.cidr",
        "ip-permission.from-port",
        "ip-permission.group-id",
        "ip-permission.protocol",
        "ip-permission.to-port",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        vec![match filter {
            "description" => self.description.clone(),
            "group-name" => self.name.clone(),
            "owner-id" => self.owner.clone(),
            "vpc-id" => self.vpc.clone(),
            _ => return Vec::new(),
        }]
    }
}

/// The values of the filters that look into a group's rules.
fn rule_values(call: &Call<'_>, id: &str, filter: &str) -> Vec<String> {
    use super::permission::Target;
    let (egress, field) = match filter.strip_prefix("egress.ip-permission.") {
        Some(field) => (true, field),
        None => (false, filter.trim_start_matches("ip-permission.")),
    };
    let rules = call.home().ec2.rules.values().filter(|rule| rule.group == id && rule.egress == egress);
    rules
        .filter_map(|rule| match (field, &rule.target) {
            ("cidr", Target::Cidr4(text)) | ("group-id", Target::Group(text)) => Some(text.clone()),
            ("from-port", _) => Some(rule.from.to_string()),
            ("to-port", _) => Some(rule.to.to_string()),
            ("protocol", _) => Some(rule.protocol.clone()),
            _ => None,
        })
        .collect()
}

fn show(call: &Call<'_>, id: &str, group: &SecurityGroup) -> Value {
    let state = &call.home().ec2;
    let side = |egress: bool| {
        let rules: Vec<&Rule> =
            state.rules.values().filter(|rule| rule.group == id && rule.egress == egress).collect();
        grouped(&rules, &group.owner)
    };
    json!({
        "GroupId": id, "GroupName": group.name, "Description": group.description, "VpcId": group.vpc,
        "OwnerId": group.owner, "SecurityGroupArn": arn(call, id),
        "IpPermissions": side(false), "IpPermissionsEgress": side(true), "Tags": tag::shown(call, id),
    })
}

fn arn(call: &Call<'_>, id: &str) -> String {
    call.arn("ec2", &format!("security-group/{id}"))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>
pub(super) fn create_security_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, description) = (input.str("GroupName").to_owned(), input.str("Description").to_owned());
    let vpc = input.need("VpcId")?.to_owned();
    let allowed =
        |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c));
    if name.is_empty() || name.starts_with("sg-") || name.len() > 255 || !allowed(&name) {
        let text = format!("Value ({name}) for parameter groupName is invalid.");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    if description.is_empty() || description.len() > 255 || !allowed(&description) {
        let text = format!(
            "Value ({description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not \
             supported."
        );
        return Err(Failure::new("InvalidParameterValue", text));
    }
    let tags = tag::at_birth(input, Kind::SecurityGroup)?;
    if name == "default" {
        let text = "Cannot use reserved security group name: default";
        return Err(Failure::new("InvalidGroup.Reserved", text));
    }
    let id = requester::make_group(call, (&name, &description), &vpc, tags)?;
    Ok(json!({ "GroupId": id, "SecurityGroupArn": arn(call, &id), "Tags": tag::shown(call, &id) }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>
pub(super) fn describe_security_groups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::SecurityGroup,
        ids: "GroupIds",
        filters: "Filters",
        table: |state| &state.groups,
        show,
        more: |call, id, _, filter| rule_values(call, id, filter),
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>
pub(super) fn delete_security_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = input.need("GroupId")?;
    let state = &call.home().ec2;
    let group = state.groups.get(id).ok_or_else(|| Kind::SecurityGroup.missing(id))?;
    if group.name == "default" {
        let text = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Failure::new("CannotDelete", text));
    }
    let named = state.rules.values().any(|rule| rule.names(id) && rule.group != id);
    let used = state.interfaces.values().any(|interface| interface.groups.iter().any(|group| group == id));
    if named || used {
        return Err(Failure::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    requester::drop_group(call, id);
    Ok(json!({ "Return": true, "GroupId": id }).into())
}

/// How security group rules are described: a row each.
pub(super) const RULES: Describe<Rule> = Describe {
    kind: Kind::SecurityGroupRule,
    ids: "SecurityGroupRuleIds",
    filters: "Filters",
    table: |state| &state.rules,
    show: super::security_group_rule::show,
    more: no_more,
};
