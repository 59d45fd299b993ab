//! Rules that name another group.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    IpPermission, ResourceType, SecurityGroupRule as SdkRule, SecurityGroupRuleRequest,
    SecurityGroupRuleUpdate, Tag,
};

use super::find::{Item, field, filter, find, pick};
use super::{rules, tags};
use crate::model::ec2::{Direction, Peer, SecurityGroupRule};
use crate::model::{CloudId, Known, NoOutputs, Ref};
use crate::provider::Error;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};

impl Item for SdkRule {
    fn id(&self) -> &str {
        self.security_group_rule_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for SecurityGroupRule {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        let describe = |filters| rules::describe(aws, filters);
        match find(aws, &looks, "security-group-rule-id", describe).await {
            Ok(items) => {
                let mut seen = Vec::with_capacity(looks.len());
                for look in &looks {
                    seen.push(look_at(aws, look, &items, &known).await);
                }
                seen
            }
            Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let Creation { spec, known, .. } = &call;
        match authorize(aws, spec, known).await {
            Ok(Some(id)) => Ok(id.into()),
            // It is there, by a call whose answer was lost or by another hand: it is this one from now on.
            Err(error) if error.code.as_deref() != Some("InvalidPermission.Duplicate") => Err(error),
            Ok(None) | Err(_) => {
                let rule = same(aws, spec, known).await?;
                let id = rule.as_ref().map(Item::id);
                Ok(field(id, "AuthorizeSecurityGroupIngress", "the rule's id")?.into())
            }
        }
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if ["traffic", "peer", "description"].iter().any(|field| call.touches(field)) {
            modify(aws, &call).await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        // Which group it is in is for AWS to say: the recorded one may be known no more.
        let ids = vec![filter("security-group-rule-id", [call.id.as_str()])];
        let found = rules::describe(aws, ids).await?;
        let Some(rule) = found.first() else { return Ok(()) };
        let (ec2, group) = (&aws.clients().ec2, rule.group_id().unwrap_or_default());
        let id = call.id.as_str();
        match rules::direction(rule) {
            Direction::Ingress => gone_is_fine(
                aws.remove(Service::Ec2, "RevokeSecurityGroupIngress", || {
                    ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id).send()
                })
                .await,
            ),
            Direction::Egress => gone_is_fine(
                aws.remove(Service::Ec2, "RevokeSecurityGroupEgress", || {
                    ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(id).send()
                })
                .await,
            ),
        }
    }
}

/// By id or tag; without both, by what it says.
async fn look_at(
    aws: &Aws,
    look: &Sought<SecurityGroupRule>,
    items: &[SdkRule],
    known: &Known,
) -> Result<Seen<SecurityGroupRule>, Error> {
    if let Some(rule) = pick(aws, items, look)? {
        return see(rule);
    }
    if look.id.is_some() || known.resolve(&look.spec.group).is_none() {
        return Ok(Seen::Absent);
    }
    same(aws, &look.spec, known).await?.as_ref().map_or(Ok(Seen::Absent), see)
}

fn see(rule: &SdkRule) -> Result<Seen<SecurityGroupRule>, Error> {
    let group = field(rule.group_id(), "DescribeSecurityGroupRules", "the group")?;
    let spec = SecurityGroupRule {
        group: Ref::external(group),
        direction: rules::direction(rule),
        traffic: rules::traffic(rule),
        // Changed behind our back it may name a range: shown as such, and never equal to a group.
        peer: Ref::external(rules::peer_id(rule)),
        description: rule.description().unwrap_or_default().to_owned(),
        tags: tags::from_sdk(rule.tags()),
    };
    Ok(Seen::ready(rule.id(), spec, NoOutputs {}))
}

/// The rule of the same group, direction, traffic and peer: there can be only one.
async fn same(aws: &Aws, spec: &SecurityGroupRule, known: &Known) -> Result<Option<SdkRule>, Error> {
    let Some(peer) = known.resolve(&spec.peer) else { return Ok(None) };
    let group = resolve(known, &spec.group, "DescribeSecurityGroupRules")?;
    let rules = rules::of_groups(aws, &[group]).await?;
    Ok(rules.into_iter().find(|rule| {
        rules::direction(rule) == spec.direction
            && rules::traffic(rule) == spec.traffic
            && rules::peer_id(rule) == peer
    }))
}

async fn authorize(aws: &Aws, spec: &SecurityGroupRule, known: &Known) -> Result<Option<String>, Error> {
    const CALL: &str = "AuthorizeSecurityGroupIngress";
    let group = resolve(known, &spec.group, CALL)?;
    let peer = Peer::Group(resolve(known, &spec.peer, CALL)?.to_owned());
    let permission: IpPermission = rules::permission(spec.traffic, &peer, group, &spec.description);
    let born_with = || tags::at_birth(ResourceType::SecurityGroupRule, &spec.tags).map(|t| vec![t]);
    let ec2 = &aws.clients().ec2;
    let rules = match spec.direction {
        Direction::Ingress => {
            let call = || {
                let call = ec2.authorize_security_group_ingress().group_id(group);
                call.ip_permissions(permission.clone()).set_tag_specifications(born_with()).send()
            };
            aws.converge(Service::Ec2, CALL, call).await?.security_group_rules
        }
        Direction::Egress => {
            let call = || {
                let call = ec2.authorize_security_group_egress().group_id(group);
                call.ip_permissions(permission.clone()).set_tag_specifications(born_with()).send()
            };
            aws.converge(Service::Ec2, "AuthorizeSecurityGroupEgress", call).await?.security_group_rules
        }
    };
    Ok(rules.unwrap_or_default().into_iter().find_map(|rule| rule.security_group_rule_id))
}

async fn modify(aws: &Aws, call: &Revision<SecurityGroupRule>) -> Result<(), Error> {
    const CALL: &str = "ModifySecurityGroupRules";
    let group = resolve(&call.known, &call.spec.group, CALL)?;
    let (word, first, last) = rules::protocol(call.spec.traffic);
    let request = SecurityGroupRuleRequest::builder()
        .ip_protocol(word)
        .from_port(first)
        .to_port(last)
        .referenced_group_id(resolve(&call.known, &call.spec.peer, CALL)?)
        .description(&call.spec.description)
        .build();
    let update = SecurityGroupRuleUpdate::builder()
        .security_group_rule_id(call.id.as_str())
        .security_group_rule(request)
        .build();
    let ec2 = &aws.clients().ec2;
    aws.converge(Service::Ec2, CALL, || {
        ec2.modify_security_group_rules().group_id(group).security_group_rules(update.clone()).send()
    })
    .await
    .map(|_| ())
}
