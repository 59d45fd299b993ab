//! The log group of a control plane, made anew by its last logs.

use super::list::{Found, leftover};
use super::owner::Cluster;
use crate::model::ENVIRONMENT_TAG;
use crate::model::ec2::LeftoverKind;
use crate::provider::Error;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};

/// The ARN of the log group of exactly this name, if there is one.
pub(super) async fn arn(aws: &Aws, name: &str) -> Result<Option<String>, Error> {
    let call = || aws.clients().logs.describe_log_groups().log_group_name_prefix(name).send();
    let reply = aws.read(Service::Logs, "DescribeLogGroups", call).await?;
    let found = reply.log_groups().iter().find(|group| group.log_group_name() == Some(name));
    Ok(found.and_then(|group| Some(group.arn()?.trim_end_matches(":*").to_owned())))
}

/// The group that EKS writes a cluster's logs to (`/aws/eks/CLUSTER/cluster`), where it is none of ours: EKS makes it
/// without tags when there is none, also after the cluster is gone, for the last logs ("Send control plane logs to
/// CloudWatch Logs", EKS User Guide).
pub(super) async fn late(aws: &Aws, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let name = format!("/aws/eks/{}/cluster", cluster.name);
    let Some(arn) = arn(aws, &name).await? else { return Ok(Vec::new()) };
    let call = || aws.clients().logs.list_tags_for_resource().resource_arn(&arn).send();
    let tags = if_there(aws.read(Service::Logs, "ListTagsForResource", call).await)?;
    let ours = tags.and_then(|reply| reply.tags).is_some_and(|tags| tags.contains_key(ENVIRONMENT_TAG));
    let detail = format!("the last logs of the cluster {}", cluster.name);
    let found = (!ours).then(|| leftover(LeftoverKind::LogGroup, &name, &name, Some(detail)));
    Ok(found.into_iter().map(Found::internal).collect())
}
