//! Managed node groups. One DescribeNodegroup each.

use std::sync::Arc;

use aws_sdk_eks::types;
use futures_util::future::join_all;

use super::member::Member;
use super::{node_group_updates as updates, tags, words};
use crate::model::eks::{NodeGroup, NodeGroupOutputs, NodeTemplate};
use crate::model::{CloudId, Known, Ref, Text};
use crate::provider::Error;
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve_all,
};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for NodeGroup {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| observe_one(aws, look, &known))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateNodegroup";
        let group = &call.spec;
        let member = Member::wanted(&call.known, &group.cluster, &group.name, NAME)?;
        let role = arn_of(&call.known, &group.role, NAME)?;
        let subnets = resolve_all(&call.known, &group.subnets, NAME)?;
        let template = updates::template(&call.known, group.template.as_ref(), NAME)?;
        let taints: Vec<_> = group.taints.iter().map(words::taint).collect();
        let born = tagging::at_birth(aws, &call.address, &group.tags);
        let scaling = updates::scaling(group, group.desired.unwrap_or(group.min));
        aws.converge(Service::Eks, NAME, || {
            aws.clients()
                .eks
                .create_nodegroup()
                .cluster_name(&member.cluster)
                .nodegroup_name(&member.name)
                .node_role(&role)
                .set_subnets(Some(subnets.clone()))
                .scaling_config(scaling.clone())
                .set_instance_types((!group.instance_types.is_empty()).then(|| group.instance_types.clone()))
                .capacity_type(words::capacity(group.capacity))
                .ami_type(group.ami_type.as_str().into())
                .set_disk_size(group.disk_gib.and_then(|gib| i32::try_from(gib).ok()))
                .set_labels(Some(group.labels.clone().into_iter().collect()))
                .set_taints((!taints.is_empty()).then(|| taints.clone()))
                .update_config(words::unavailable(group.unavailable))
                .set_version(group.version.clone())
                .set_release_version(group.release.clone())
                .set_launch_template(template.clone())
                .set_tags(Some(born.clone().into_iter().collect()))
                .client_request_token(&call.token)
                .send()
        })
        .await?;
        Ok(member.id())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        updates::refuse_the_impossible(&call)?;
        let changed = TagChanges::of(&call, &call.spec.tags);
        if !changed.is_empty() {
            let Some(found) = describe(aws, &member).await? else { return Ok(()) };
            tags::set(aws, &must(found.nodegroup_arn, "DescribeNodegroup", "ARN")?, &changed).await?;
        }
        updates::next(aws, &member, &call).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        gone_is_fine(
            aws.remove(Service::Eks, "DeleteNodegroup", || {
                aws.clients()
                    .eks
                    .delete_nodegroup()
                    .cluster_name(&member.cluster)
                    .nodegroup_name(&member.name)
                    .send()
            })
            .await,
        )
    }
}

async fn describe(aws: &Aws, member: &Member) -> Result<Option<types::Nodegroup>, Error> {
    let reply = aws
        .read(Service::Eks, "DescribeNodegroup", || {
            aws.clients()
                .eks
                .describe_nodegroup()
                .cluster_name(&member.cluster)
                .nodegroup_name(&member.name)
                .send()
        })
        .await;
    Ok(if_there(reply)?.and_then(|reply| reply.nodegroup))
}

async fn observe_one(aws: &Aws, look: &Sought<NodeGroup>, known: &Known) -> Result<Seen<NodeGroup>, Error> {
    let NodeGroup { cluster, name, .. } = &look.spec;
    let Some(member) = Member::sought(look.id.as_ref(), known, cluster, Some(name))? else {
        return Ok(Seen::Absent);
    };
    let Some(found) = describe(aws, &member).await? else { return Ok(Seen::Absent) };
    let tags = tagging::of_map(found.tags.as_ref());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let status = found.status.as_ref().map_or("ACTIVE", types::NodegroupStatus::as_str);
    if status == "DELETING" {
        return Ok(Seen::Leaving(status.to_owned()));
    }
    let issues: Vec<String> = found
        .health
        .iter()
        .flat_map(types::NodegroupHealth::issues)
        .map(|issue| words::issue(issue.code.as_ref().map(|code| code.as_str()), issue.message()))
        .collect();
    let readiness = words::readiness(status, &issues);
    let groups = found.resources.as_ref().and_then(|resources| resources.auto_scaling_groups().first());
    let outputs = NodeGroupOutputs {
        arn: must(found.nodegroup_arn.clone(), "DescribeNodegroup", "ARN")?,
        autoscaling_group: groups.and_then(|group| group.name.clone()).unwrap_or_default(),
    };
    Ok(Seen::with(member.id(), spec(look, &member, found), outputs, readiness))
}

fn spec(look: &Sought<NodeGroup>, member: &Member, found: types::Nodegroup) -> NodeGroup {
    let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let scaling = found.scaling_config.as_ref();
    let template = found.launch_template.and_then(|template| {
        let version = Text::new(template.version.unwrap_or_default());
        Some(NodeTemplate { template: Ref::external(template.id.or(template.name)?), version })
    });
    NodeGroup {
        cluster: Ref::external(&member.cluster),
        name: member.name.clone(),
        role: Ref::external(found.node_role.unwrap_or_default()),
        subnets: found.subnets.unwrap_or_default().into_iter().map(Ref::external).collect(),
        min: scaling.and_then(|scaling| count(scaling.min_size)).unwrap_or_default(),
        max: scaling.and_then(|scaling| count(scaling.max_size)).unwrap_or_default(),
        desired: scaling.and_then(|scaling| count(scaling.desired_size)),
        instance_types: found.instance_types.unwrap_or_default(),
        capacity: words::capacity_of(found.capacity_type.as_ref()),
        ami_type: found.ami_type.map(|ami| ami.as_str().to_owned()).unwrap_or_default(),
        disk_gib: count(found.disk_size),
        labels: found.labels.unwrap_or_default().into_iter().collect(),
        taints: found.taints.iter().flatten().map(words::taint_of).collect(),
        unavailable: words::unavailable_of(found.update_config.as_ref()),
        version: found.version,
        release: found.release_version,
        template,
        after: look.spec.after.clone(),
        tags: tagging::of_map(found.tags.as_ref()),
    }
}
