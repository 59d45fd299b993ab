//! Security groups.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    Filter, ResourceType, SecurityGroup as SdkGroup, SecurityGroupRule as SdkRule, Tag,
};

use super::find::{Item, field, find, pick};
use super::{rules, tags};
use crate::model::ec2::{Direction, SecurityGroup, SecurityGroupOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};

impl Item for SdkGroup {
    fn id(&self) -> &str {
        self.group_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for SecurityGroup {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        match read(aws, &looks).await {
            Ok((groups, rules)) => looks
                .iter()
                .map(|look| match pick(aws, &groups, look)? {
                    Some(group) => see(aws, group, &rules),
                    None => Ok(Seen::Absent),
                })
                .collect(),
            Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let SecurityGroup { vpc, name, description, ingress: _, egress: _, tags } = &call.spec;
        let vpc = resolve(&call.known, vpc, "CreateSecurityGroup")?;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .once(Service::Ec2, "CreateSecurityGroup", || {
                let tags = tags::at_birth(ResourceType::SecurityGroup, tags).map(|t| vec![t]);
                ec2.create_security_group()
                    .vpc_id(vpc)
                    .group_name(name)
                    .description(description)
                    .set_tag_specifications(tags)
                    .send()
            })
            .await?;
        Ok(field(reply.group_id, "CreateSecurityGroup", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let Revision { id, spec, live, .. } = &call;
        if call.touches("ingress") {
            rules::converge(aws, id, Direction::Ingress, &spec.ingress, &live.ingress).await?;
        }
        if call.touches("egress") {
            rules::converge(aws, id, Direction::Egress, &spec.egress, &live.egress).await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let deleted = aws.remove(Service::Ec2, "DeleteSecurityGroup", || {
            ec2.delete_security_group().group_id(call.id.as_str()).send()
        });
        gone_is_fine(deleted.await)
    }
}

/// The groups, and the rules of those that are looked at.
async fn read(aws: &Aws, looks: &[Sought<SecurityGroup>]) -> Result<(Vec<SdkGroup>, Vec<SdkRule>), Error> {
    let groups = find(aws, looks, "group-id", |filters| describe(aws, filters)).await?;
    let mut wanted: Vec<&str> =
        looks.iter().filter_map(|look| pick(aws, &groups, look).ok()?.map(Item::id)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rules = rules::of_groups(aws, &wanted).await?;
    Ok((groups, rules))
}

pub(super) async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkGroup>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_security_groups().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeSecurityGroups", page).await?;
        Ok((page.security_groups, page.next_token))
    })
    .await
}

fn see(aws: &Aws, group: &SdkGroup, rules: &[SdkRule]) -> Result<Seen<SecurityGroup>, Error> {
    const CALL: &str = "DescribeSecurityGroups";
    let id = group.id();
    let spec = SecurityGroup {
        vpc: Ref::external(field(group.vpc_id(), CALL, "the VPC")?),
        name: field(group.group_name(), CALL, "the name")?.to_owned(),
        description: group.description().unwrap_or_default().to_owned(),
        ingress: rules::inside(rules, id, Direction::Ingress),
        egress: rules::inside(rules, id, Direction::Egress),
        tags: tags::from_sdk(group.tags()),
    };
    let arn = group.security_group_arn().map_or_else(
        || aws.arn("ec2", group.owner_id().unwrap_or_default(), &format!("security-group/{id}")),
        str::to_owned,
    );
    Ok(Seen::ready(id, spec, SecurityGroupOutputs { arn }))
}
