//! The calls that change and list security group rules.

use serde_json::{Value, json};

use super::kind::Kind;
use super::permission::{self, Rule, Target};
use super::{quota, requester, security_group, tag};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

impl Filterable for Rule {
    const FILTERS: &'static [&'static str] = &["group-id", "security-group-rule-id"];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "group-id" => vec![self.group.clone()],
            _ => Vec::new(),
        }
    }
}

/// A rule as a row of its own.
pub(super) fn show(call: &Call<'_>, id: &str, rule: &Rule) -> Value {
    let mut value = json!({
        "SecurityGroupRuleId": id, "GroupId": rule.group, "GroupOwnerId": call.account,
        "SecurityGroupRuleArn": call.arn("ec2", &format!("security-group-rule/{id}")),
        "IsEgress": rule.egress, "IpProtocol": rule.protocol, "FromPort": rule.from, "ToPort": rule.to,
        "Description": rule.description, "Tags": tag::shown(call, id),
    });
    let (member, other_end) = match &rule.target {
        Target::Cidr4(cidr) => ("CidrIpv4", json!(cidr)),
        Target::Cidr6(cidr) => ("CidrIpv6", json!(cidr)),
        Target::PrefixList(list) => ("PrefixListId", json!(list)),
        Target::Group(group) => ("ReferencedGroupInfo", json!({ "GroupId": group, "UserId": call.account })),
    };
    value[member] = other_end;
    value
}

/// The rules that an authorize, revoke or update names: by `IpPermissions`, or by the older single members.
fn asked(call: &Call<'_>, input: &Input, group: &str, egress: bool) -> Result<Vec<Rule>, Failure> {
    let state = &call.home().ec2;
    let permissions = input.list("IpPermissions");
    if !permissions.is_empty() {
        return permission::read(state, group, egress, permissions);
    }
    let Some(cidr) = input.text("CidrIp") else {
        let text = "Either 'ipPermissions' or 'cidrIp' must be provided";
        return Err(Failure::new("MissingParameter", text));
    };
    let target = Target::Cidr4(permission::cidr4(cidr)?);
    let (protocol, from, to) = permission::ports(input)?;
    Ok(vec![Rule { group: group.to_owned(), egress, protocol, from, to, target, description: None }])
}

fn group_of(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    let id = input.need("GroupId")?;
    if call.home().ec2.groups.contains(id) { Ok(id.to_owned()) } else { Err(Kind::SecurityGroup.missing(id)) }
}

fn authorize(call: &mut Call<'_>, input: &Input, egress: bool) -> Outcome {
    let group = group_of(call, input)?;
    let rules = asked(call, input, &group, egress)?;
    let tags = tag::at_birth(input, Kind::SecurityGroupRule)?;
    let mut made = Vec::new();
    for rule in rules {
        let state = &call.home().ec2;
        if state.rules.values().any(|other| other.same(&rule)) {
            let text = format!("the specified rule \"{}\" already exists", rule.words());
            return Err(Failure::new("InvalidPermission.Duplicate", text));
        }
        let side =
            state.rules.values().filter(|other| other.group == group && other.egress == egress).count();
        if side >= quota::limit(call, quota::RULES_PER_GROUP) {
            let text = "The maximum number of rules per security group has been reached.";
            return Err(Failure::new("RulesPerSecurityGroupLimitExceeded", text));
        }
        let id = requester::add_rule(call, rule.clone());
        tag::attach(call, &id, tags.clone());
        made.push(show(call, &id, &rule));
    }
    Ok(json!({ "Return": true, "SecurityGroupRules": made }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>
pub(super) fn authorize_ingress(call: &mut Call<'_>, input: &Input) -> Outcome {
    authorize(call, input, false)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html>
pub(super) fn authorize_egress(call: &mut Call<'_>, input: &Input) -> Outcome {
    authorize(call, input, true)
}

/// The ids of existing rules that are the asked ones.
fn matching(call: &Call<'_>, rules: &[Rule]) -> Result<Vec<String>, Failure> {
    let state = &call.home().ec2;
    let find =
        |rule: &Rule| state.rules.iter().find(|(_, other)| other.same(rule)).map(|(id, _)| id.to_owned());
    let found: Option<Vec<String>> = rules.iter().map(find).collect();
    found.ok_or_else(|| {
        let text = "The specified rule does not exist in this security group.";
        Failure::new("InvalidPermission.NotFound", text)
    })
}

fn revoke(call: &mut Call<'_>, input: &Input, egress: bool) -> Outcome {
    let group = group_of(call, input)?;
    let ids = input.texts("SecurityGroupRuleIds");
    let ids = if ids.is_empty() {
        let rules = asked(call, input, &group, egress)?;
        matching(call, &rules)?
    } else {
        let mine = |id: &String| {
            call.home().ec2.rules.get(id).is_some_and(|rule| rule.group == group && rule.egress == egress)
        };
        if let Some(missing) = ids.iter().find(|id| !mine(id)) {
            return Err(Kind::SecurityGroupRule.missing(missing));
        }
        ids
    };
    requester::drop_rules(call, &ids);
    Ok(json!({ "Return": true }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html>
pub(super) fn revoke_ingress(call: &mut Call<'_>, input: &Input) -> Outcome {
    revoke(call, input, false)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html>
pub(super) fn revoke_egress(call: &mut Call<'_>, input: &Input) -> Outcome {
    revoke(call, input, true)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html>
pub(super) fn describe_rules(call: &mut Call<'_>, input: &Input) -> Outcome {
    security_group::RULES.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html>
pub(super) fn modify_rules(call: &mut Call<'_>, input: &Input) -> Outcome {
    let group = group_of(call, input)?;
    for update in input.list("SecurityGroupRules") {
        let id = update.str("SecurityGroupRuleId");
        let old = call.home().ec2.rules.get(id).filter(|rule| rule.group == group).cloned();
        let old = old.ok_or_else(|| Kind::SecurityGroupRule.missing(id))?;
        let Some(wanted) = update.get("SecurityGroupRule") else { continue };
        let target = match (wanted.text("CidrIpv4"), wanted.text("CidrIpv6")) {
            (Some(cidr), _) => Target::Cidr4(permission::cidr4(cidr)?),
            (None, Some(cidr)) => Target::Cidr6(permission::cidr6(cidr)?),
            (None, None) => match (wanted.text("PrefixListId"), wanted.text("ReferencedGroupId")) {
                (Some(list), _) => Target::PrefixList(list.to_owned()),
                (None, Some(other)) if call.home().ec2.groups.contains(other) => {
                    Target::Group(other.to_owned())
                }
                (None, Some(other)) => return Err(Kind::SecurityGroup.missing(other)),
                (None, None) => old.target.clone(),
            },
        };
        let (protocol, from, to) = permission::ports(wanted)?;
        let description = wanted.text("Description").filter(|text| !text.is_empty()).map(str::to_owned);
        let rule = Rule { target, protocol, from, to, description, ..old };
        let clash = call.home().ec2.rules.iter().any(|(other, existing)| other != id && existing.same(&rule));
        if clash {
            let text = format!("the specified rule \"{}\" already exists", rule.words());
            return Err(Failure::new("InvalidPermission.Duplicate", text));
        }
        call.home_mut().ec2.rules.insert(id, rule);
    }
    Ok(json!({ "Return": true }).into())
}

fn describe_anew(call: &mut Call<'_>, input: &Input, egress: bool) -> Outcome {
    let group = group_of(call, input)?;
    let by_id: Vec<(String, Option<String>)> = input
        .list("SecurityGroupRuleDescriptions")
        .iter()
        .map(|entry| {
            (entry.str("SecurityGroupRuleId").to_owned(), entry.text("Description").map(str::to_owned))
        })
        .collect();
    let wanted = if by_id.is_empty() {
        let rules = asked(call, input, &group, egress)?;
        matching(call, &rules)?.into_iter().zip(rules.into_iter().map(|rule| rule.description)).collect()
    } else {
        by_id
    };
    for (id, description) in wanted {
        let rule = call.home_mut().ec2.rules.get_mut(&id).filter(|rule| rule.group == group);
        let rule = rule.ok_or_else(|| Kind::SecurityGroupRule.missing(&id))?;
        rule.description = description.filter(|text| !text.is_empty());
    }
    Ok(json!({ "Return": true }).into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html>
pub(super) fn describe_ingress_anew(call: &mut Call<'_>, input: &Input) -> Outcome {
    describe_anew(call, input, false)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html>
pub(super) fn describe_egress_anew(call: &mut Call<'_>, input: &Input) -> Outcome {
    describe_anew(call, input, true)
}
