//! Pod identity associations. One DescribePodIdentityAssociation each, after one list for what is not recorded.

use std::sync::Arc;

use aws_sdk_eks::types;
use futures_util::future::join_all;

use super::member::Member;
use super::tags;
use crate::model::eks::{PodIdentityAssociation, PodIdentityAssociationOutputs};
use crate::model::{CloudId, Known, Ref};
use crate::provider::Error;
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve,
};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for PodIdentityAssociation {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| observe_one(aws, look, &known))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreatePodIdentityAssociation";
        let Self { cluster, namespace, service_account, role, tags } = &call.spec;
        let cluster = resolve(&call.known, cluster, NAME)?;
        let role = arn_of(&call.known, role, NAME)?;
        let born = tagging::at_birth(aws, &call.address, tags);
        let reply = aws
            .converge(Service::Eks, NAME, || {
                aws.clients()
                    .eks
                    .create_pod_identity_association()
                    .cluster_name(cluster)
                    .namespace(namespace)
                    .service_account(service_account)
                    .role_arn(&role)
                    .set_tags(Some(born.clone().into_iter().collect()))
                    .client_request_token(&call.token)
                    .send()
            })
            .await?;
        let id = must(reply.association.and_then(|made| made.association_id), NAME, "id")?;
        Ok(Member::new(cluster, id).id())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        const NAME: &str = "UpdatePodIdentityAssociation";
        let member = Member::of(&call.id)?;
        if call.touches("role") {
            let role = arn_of(&call.known, &call.spec.role, NAME)?;
            aws.converge(Service::Eks, NAME, || {
                aws.clients()
                    .eks
                    .update_pod_identity_association()
                    .cluster_name(&member.cluster)
                    .association_id(&member.name)
                    .role_arn(&role)
                    .send()
            })
            .await?;
        }
        let changed = TagChanges::of(&call, &call.spec.tags);
        if changed.is_empty() {
            return Ok(());
        }
        let Some(found) = describe(aws, &member).await? else { return Ok(()) };
        tags::set(aws, &must(found.association_arn, NAME, "ARN")?, &changed).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let member = Member::of(&call.id)?;
        gone_is_fine(
            aws.remove(Service::Eks, "DeletePodIdentityAssociation", || {
                aws.clients()
                    .eks
                    .delete_pod_identity_association()
                    .cluster_name(&member.cluster)
                    .association_id(&member.name)
                    .send()
            })
            .await,
        )
    }
}

/// One association, by its id.
///
/// # Errors
/// The classified error.
pub(super) async fn describe(
    aws: &Aws,
    member: &Member,
) -> Result<Option<types::PodIdentityAssociation>, Error> {
    let reply = aws
        .read(Service::Eks, "DescribePodIdentityAssociation", || {
            aws.clients()
                .eks
                .describe_pod_identity_association()
                .cluster_name(&member.cluster)
                .association_id(&member.name)
                .send()
        })
        .await;
    Ok(if_there(reply)?.and_then(|reply| reply.association))
}

/// The association of a service account: EKS allows one.
async fn find(aws: &Aws, cluster: &str, spec: &PodIdentityAssociation) -> Result<Option<Member>, Error> {
    let reply = aws
        .read(Service::Eks, "ListPodIdentityAssociations", || {
            aws.clients()
                .eks
                .list_pod_identity_associations()
                .cluster_name(cluster)
                .namespace(&spec.namespace)
                .service_account(&spec.service_account)
                .send()
        })
        .await;
    let found = if_there(reply)?.and_then(|reply| reply.associations).unwrap_or_default();
    let matches = |association: &&types::PodIdentityAssociationSummary| {
        association.namespace() == Some(&spec.namespace)
            && association.service_account() == Some(&spec.service_account)
    };
    let id = found.iter().find(matches).and_then(|association| association.association_id());
    Ok(id.map(|id| Member::new(cluster, id)))
}

async fn observe_one(
    aws: &Aws,
    look: &Sought<PodIdentityAssociation>,
    known: &Known,
) -> Result<Seen<PodIdentityAssociation>, Error> {
    let member = match &look.id {
        Some(id) => Some(Member::of(id)?),
        None => match known.resolve(&look.spec.cluster) {
            Some(cluster) => find(aws, cluster, &look.spec).await?,
            None => None,
        },
    };
    let Some(member) = member else { return Ok(Seen::Absent) };
    let Some(found) = describe(aws, &member).await? else { return Ok(Seen::Absent) };
    let tags = tagging::of_map(found.tags.as_ref());
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let spec = PodIdentityAssociation {
        cluster: Ref::external(&member.cluster),
        namespace: found.namespace.unwrap_or_default(),
        service_account: found.service_account.unwrap_or_default(),
        role: Ref::external(found.role_arn.unwrap_or_default()),
        tags,
    };
    let arn = must(found.association_arn, "DescribePodIdentityAssociation", "ARN")?;
    Ok(Seen::ready(member.id(), spec, PodIdentityAssociationOutputs { arn }))
}
