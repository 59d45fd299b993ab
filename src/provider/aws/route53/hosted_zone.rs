//! Hosted zones. Two calls each: GetHostedZone, ListTagsForResource; for what is not recorded, one
//! ListHostedZonesByName before them.

use std::sync::Arc;

use aws_sdk_route53::types::{HostedZone as Described, HostedZoneConfig, Vpc, VpcRegion};
use futures_util::future::{join_all, try_join};
use sha2::{Digest, Sha256};

use super::names::{plain, zone_id};
use super::{records, zone_parts as parts};
use crate::model::route53::{HostedZone, HostedZoneOutputs};
use crate::model::{Address, CloudId, ENVIRONMENT_TAG, Known, Ref};
use crate::provider::aws::manage::{
    Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine, resolve,
};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

impl Manage for HostedZone {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async move {
            match &look.id {
                Some(id) => see(aws, look, zone_id(id.as_str())).await,
                None => find(aws, look).await,
            }
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateHostedZone";
        let HostedZone { name, vpcs, comment, empty_on_delete: _, tags: _ } = &call.spec;
        let first = vpcs.first().map(|vpc| resolve(&call.known, vpc, NAME)).transpose()?;
        let reference = format!("{}{}", birthmark(aws, &call.address), call.token);
        let config = HostedZoneConfig::builder().comment(comment).private_zone(first.is_some()).build();
        let made = aws
            .converge(Service::Route53, NAME, || {
                aws.clients()
                    .route53
                    .create_hosted_zone()
                    .name(name)
                    .caller_reference(&reference)
                    .hosted_zone_config(config.clone())
                    .set_vpc(first.map(|id| vpc(aws, id)))
                    .send()
            })
            .await;
        match made {
            Ok(reply) => {
                let zone = must(reply.hosted_zone, NAME, "zone")?;
                Ok(zone_id(&zone.id).into())
            }
            // The reference was used: the zone that has it is the one that an earlier try made.
            Err(error) if error.class == Class::Conflict => {
                let zones = by_name(aws, name).await?;
                let ours = zones.into_iter().find(|zone| zone.caller_reference == reference);
                ours.map(|zone| zone_id(&zone.id).into()).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("comment") {
            aws.converge(Service::Route53, "UpdateHostedZoneComment", || {
                aws.clients()
                    .route53
                    .update_hosted_zone_comment()
                    .id(call.id.as_str())
                    .comment(&call.spec.comment)
                    .send()
            })
            .await?;
        }
        if call.touches("vpcs") {
            parts::set_vpcs(aws, &call).await?;
        }
        parts::set_tags(aws, call.id.as_str(), &TagChanges::of(&call, &call.spec.tags)).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let id = call.id.as_str();
        if call.spec.empty_on_delete {
            records::empty(aws, id).await?;
        }
        gone_is_fine(
            aws.remove(Service::Route53, "DeleteHostedZone", || {
                aws.clients().route53.delete_hosted_zone().id(id).send()
            })
            .await,
        )
    }
}

/// A VPC of the provider's region.
pub(super) fn vpc(aws: &Aws, id: &str) -> Vpc {
    Vpc::builder().vpc_id(id).vpc_region(VpcRegion::from(aws.region())).build()
}

/// The zones of exactly this name, private and public.
async fn by_name(aws: &Aws, name: &str) -> Result<Vec<Described>, Error> {
    let mut found = Vec::new();
    let (mut next_name, mut next_id) = (Some(name.to_owned()), None);
    loop {
        let page = aws
            .read(Service::Route53, "ListHostedZonesByName", || {
                aws.clients()
                    .route53
                    .list_hosted_zones_by_name()
                    .set_dns_name(next_name.clone())
                    .set_hosted_zone_id(next_id.clone())
                    .send()
            })
            .await?;
        // Zones come in the order of their names, starting with the one asked for.
        let mut past = false;
        for zone in page.hosted_zones {
            if plain(&zone.name) == plain(name) {
                found.push(zone);
            } else {
                past = true;
            }
        }
        if past || !page.is_truncated {
            return Ok(found);
        }
        next_name = page.next_dns_name;
        next_id = page.next_hosted_zone_id.map(|id| zone_id(&id).to_owned());
    }
}

/// How the caller reference of a zone of ours starts. A zone has no tags at birth, but its reference for life:
/// it says whose zone it is, even when nothing else was done to it.
fn birthmark(aws: &Aws, address: &Address) -> String {
    let digest = Sha256::digest(format!("{}/{address}", aws.environment()));
    let digits: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("platctl-{digits}-")
}

/// Among zones of the same name, the one that carries our tags or our birthmark.
async fn find(aws: &Aws, look: &Sought<HostedZone>) -> Result<Seen<HostedZone>, Error> {
    let birthmark = birthmark(aws, &look.address);
    for zone in by_name(aws, &look.spec.name).await? {
        let seen = see(aws, look, zone_id(&zone.id)).await?;
        let Seen::Present(found) = &seen else { continue };
        let tags = &found.spec.tags;
        let untagged = !tags.contains_key(ENVIRONMENT_TAG);
        if tagging::is_at(aws, &look.address, tags)
            || untagged && zone.caller_reference.starts_with(&birthmark)
        {
            return Ok(seen);
        }
    }
    Ok(Seen::Absent)
}

async fn see(aws: &Aws, look: &Sought<HostedZone>, id: &str) -> Result<Seen<HostedZone>, Error> {
    const NAME: &str = "GetHostedZone";
    let get = aws.read(Service::Route53, NAME, || aws.clients().route53.get_hosted_zone().id(id).send());
    let Some((reply, tags)) = if_there(try_join(get, parts::tags(aws, id)).await)? else {
        return Ok(Seen::Absent);
    };
    let zone = must(reply.hosted_zone, NAME, "zone")?;
    let name = plain(&zone.name);
    let spec = HostedZone {
        name: name.clone(),
        vpcs: reply.vpcs.into_iter().flatten().filter_map(|vpc| vpc.vpc_id).map(Ref::external).collect(),
        comment: zone.config.and_then(|config| config.comment).unwrap_or_default(),
        empty_on_delete: look.spec.empty_on_delete,
        tags,
    };
    let arn = format!("arn:aws:route53:::hostedzone/{id}");
    Ok(Seen::ready(id, spec, HostedZoneOutputs { arn, name }))
}
