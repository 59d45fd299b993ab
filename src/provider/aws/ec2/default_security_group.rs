//! The default security group of a VPC: found through its VPC, made ours by our tags, never deleted.

use std::sync::Arc;

use aws_sdk_ec2::types::{SecurityGroup as SdkGroup, SecurityGroupRule as SdkRule, Tag};

use super::find::{Item, field, filter, has_tag};
use super::{rules, security_group, tags};
use crate::model::ec2::{DefaultSecurityGroup, Direction};
use crate::model::{ADDRESS_TAG, CloudId, ENVIRONMENT_TAG, Known, NoOutputs, Ref};
use crate::provider::Error;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};

impl Manage for DefaultSecurityGroup {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        match read(aws, &looks, &known).await {
            Ok((groups, rules)) => looks.iter().map(|look| see(look, &known, &groups, &rules)).collect(),
            Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let DefaultSecurityGroup { vpc, ingress: _, egress: _, tags } = &call.spec;
        let vpc = resolve(&call.known, vpc, "DescribeSecurityGroups")?;
        let groups = of_vpcs(aws, vec![vpc.to_owned()]).await?;
        let group = field(groups.first(), "DescribeSecurityGroups", "the VPC's default group")?;
        let ec2 = &aws.clients().ec2;
        aws.converge(Service::Ec2, "CreateTags", || {
            ec2.create_tags().resources(group.id()).set_tags(Some(tags::to_sdk(tags))).send()
        })
        .await?;
        Ok(group.id().into())
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

    /// Takes our two tags off: with them it is ours, without them it is not.
    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let ours = [ENVIRONMENT_TAG, ADDRESS_TAG].map(|key| Tag::builder().key(key).build());
        let untagged = aws.remove(Service::Ec2, "DeleteTags", || {
            ec2.delete_tags().resources(call.id.as_str()).set_tags(Some(ours.to_vec())).send()
        });
        gone_is_fine(untagged.await)
    }
}

async fn read(
    aws: &Aws,
    looks: &[Sought<DefaultSecurityGroup>],
    known: &Known,
) -> Result<(Vec<SdkGroup>, Vec<SdkRule>), Error> {
    let vpcs: Vec<String> =
        looks.iter().filter_map(|look| known.resolve(&look.spec.vpc).map(str::to_owned)).collect();
    if vpcs.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let groups = of_vpcs(aws, vpcs).await?;
    let ids: Vec<&str> = groups.iter().map(Item::id).collect();
    let rules = rules::of_groups(aws, &ids).await?;
    Ok((groups, rules))
}

/// The default groups of some VPCs. The name `default` is kept for them ("CreateSecurityGroup").
async fn of_vpcs(aws: &Aws, vpcs: Vec<String>) -> Result<Vec<SdkGroup>, Error> {
    let mut groups = Vec::new();
    for vpcs in vpcs.chunks(200) {
        let filters = vec![filter("vpc-id", vpcs.to_vec()), filter("group-name", ["default"])];
        groups.extend(security_group::describe(aws, filters).await?);
    }
    Ok(groups)
}

fn see(
    look: &Sought<DefaultSecurityGroup>,
    known: &Known,
    groups: &[SdkGroup],
    rules: &[SdkRule],
) -> Result<Seen<DefaultSecurityGroup>, Error> {
    let vpc = known.resolve(&look.spec.vpc);
    let group = groups.iter().find(|group| vpc.is_some() && group.vpc_id() == vpc);
    let Some(group) = group.filter(|group| is_ours(group, look)) else { return Ok(Seen::Absent) };
    let id = group.id();
    let spec = DefaultSecurityGroup {
        vpc: Ref::external(group.vpc_id().unwrap_or_default()),
        ingress: rules::inside(rules, id, Direction::Ingress),
        egress: rules::inside(rules, id, Direction::Egress),
        tags: tags::from_sdk(group.tags()),
    };
    Ok(Seen::ready(id, spec, NoOutputs {}))
}

/// One of our two tags is enough, so that the loss of the other shows as a change and not as an absence.
fn is_ours(group: &SdkGroup, look: &Sought<DefaultSecurityGroup>) -> bool {
    let Some(environment) = look.spec.tags.get(ENVIRONMENT_TAG) else {
        return group.tags().iter().any(|tag| tag.key() == Some(ENVIRONMENT_TAG));
    };
    has_tag(group.tags(), ENVIRONMENT_TAG, environment)
        || has_tag(group.tags(), ADDRESS_TAG, &look.address.to_string())
            && !group.tags().iter().any(|tag| tag.key() == Some(ENVIRONMENT_TAG))
}
