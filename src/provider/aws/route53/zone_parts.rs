//! What a zone consists of besides its records: VPCs and tags.

use std::collections::BTreeSet;

use aws_sdk_route53::types::{Tag, TagResourceType};

use super::hosted_zone::vpc;
use crate::model::ec2::Vpc;
use crate::model::route53::HostedZone;
use crate::model::{Ref, Tags};
use crate::provider::aws::manage::{Revision, gone_is_fine, resolve_all};
use crate::provider::aws::tagging::TagChanges;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

/// Adds what is missing, then takes away what is too much: a private zone must keep one VPC.
pub(super) async fn set_vpcs(aws: &Aws, call: &Revision<HostedZone>) -> Result<(), Error> {
    const ADD: &str = "AssociateVPCWithHostedZone";
    const TAKE: &str = "DisassociateVPCFromHostedZone";
    let zone = call.id.as_str();
    let [want, live]: [BTreeSet<&Ref<Vpc>>; 2] =
        [&call.spec.vpcs, &call.live.vpcs].map(|vpcs| vpcs.iter().collect());
    for id in resolve_all(&call.known, want.difference(&live).copied(), ADD)? {
        let added = aws
            .converge(Service::Route53, ADD, || {
                aws.clients()
                    .route53
                    .associate_vpc_with_hosted_zone()
                    .hosted_zone_id(zone)
                    .vpc(vpc(aws, &id))
                    .send()
            })
            .await;
        match added {
            // ConflictingDomainExists: with this zone, after an answer that was lost, or with another one.
            Err(error) if error.class == Class::Conflict && has_vpc(aws, zone, &id).await? => {}
            other => other.map(|_| ())?,
        }
    }
    for id in resolve_all(&call.known, live.difference(&want).copied(), TAKE)? {
        let taken = aws
            .remove(Service::Route53, TAKE, || {
                aws.clients()
                    .route53
                    .disassociate_vpc_from_hosted_zone()
                    .hosted_zone_id(zone)
                    .vpc(vpc(aws, &id))
                    .send()
            })
            .await;
        gone_is_fine(taken)?;
    }
    Ok(())
}

async fn has_vpc(aws: &Aws, zone: &str, id: &str) -> Result<bool, Error> {
    let reply = aws
        .read(Service::Route53, "GetHostedZone", || aws.clients().route53.get_hosted_zone().id(zone).send())
        .await?;
    Ok(reply.vpcs().iter().any(|vpc| vpc.vpc_id() == Some(id)))
}

pub(super) async fn tags(aws: &Aws, id: &str) -> Result<Tags, Error> {
    let reply = aws
        .read(Service::Route53, "ListTagsForResource", || {
            aws.clients()
                .route53
                .list_tags_for_resource()
                .resource_type(TagResourceType::Hostedzone)
                .resource_id(id)
                .send()
        })
        .await?;
    let set = reply.resource_tag_set.and_then(|set| set.tags).unwrap_or_default();
    Ok(set.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}

pub(super) async fn set_tags(aws: &Aws, id: &str, changes: &TagChanges) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let set: Vec<Tag> =
        changes.set.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    aws.converge(Service::Route53, "ChangeTagsForResource", || {
        aws.clients()
            .route53
            .change_tags_for_resource()
            .resource_type(TagResourceType::Hostedzone)
            .resource_id(id)
            .set_add_tags((!set.is_empty()).then(|| set.clone()))
            .set_remove_tag_keys(changes.unset_keys())
            .send()
    })
    .await?;
    Ok(())
}
