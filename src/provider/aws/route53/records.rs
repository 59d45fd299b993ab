//! Records of a zone, as the service lists and changes them.

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};

use super::names::plain;
use crate::provider::Error;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};

/// How many changes go in one batch: 1000 is the most that ChangeResourceRecordSets takes.
const BATCH: usize = 500;

/// The records of a name and type, simple routing: those with a set identifier are of another kind.
///
/// # Errors
/// The classified error.
pub(super) async fn read(
    aws: &Aws,
    zone: &str,
    name: &str,
    record_type: &str,
) -> Result<Option<ResourceRecordSet>, Error> {
    let page = aws
        .read(Service::Route53, "ListResourceRecordSets", || {
            aws.clients()
                .route53
                .list_resource_record_sets()
                .hosted_zone_id(zone)
                .start_record_name(name)
                .start_record_type(RrType::from(record_type))
                .max_items(1)
                .send()
        })
        .await?;
    Ok(page.resource_record_sets.into_iter().find(|set| {
        plain(&set.name) == plain(name) && set.r#type.as_str() == record_type && set.set_identifier.is_none()
    }))
}

/// Changes records: all of them or none.
///
/// # Errors
/// The classified error.
pub(super) async fn change(
    aws: &Aws,
    zone: &str,
    action: ChangeAction,
    sets: Vec<ResourceRecordSet>,
) -> Result<(), Error> {
    const NAME: &str = "ChangeResourceRecordSets";
    let wrong = |error: aws_sdk_route53::error::BuildError| Error::local("route53", NAME, error.to_string());
    let changes = sets
        .into_iter()
        .map(|set| Change::builder().action(action.clone()).resource_record_set(set).build().map_err(wrong))
        .collect::<Result<Vec<_>, _>>()?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(wrong)?;
    let call = || {
        let call = aws.clients().route53.change_resource_record_sets().hosted_zone_id(zone);
        call.change_batch(batch.clone()).send()
    };
    match action {
        ChangeAction::Delete => aws.remove(Service::Route53, NAME, call).await?,
        _ => aws.converge(Service::Route53, NAME, call).await?,
    };
    Ok(())
}

/// Deletes records: all of them or none. What is gone is no error: Route 53 refuses to delete what is not there
/// (`InvalidChangeBatch`, "Tried to delete resource record set ... but it was not found"), which is also what a delete
/// is answered that is asked for again because its answer was lost.
///
/// # Errors
/// The classified error.
pub(super) async fn remove(aws: &Aws, zone: &str, sets: Vec<ResourceRecordSet>) -> Result<(), Error> {
    let refused = match change(aws, zone, ChangeAction::Delete, sets.clone()).await {
        Err(error) if error.code.as_deref() == Some("InvalidChangeBatch") => error,
        done => return done,
    };
    let there = if_there(all(aws, zone).await)?.unwrap_or_default();
    let is_there = |set: &ResourceRecordSet| there.iter().any(|other| place(other) == place(set));
    if sets.iter().any(is_there) { Err(refused) } else { Ok(()) }
}

/// What tells a record of a zone from every other.
fn place(set: &ResourceRecordSet) -> (String, &str, Option<&str>) {
    (plain(&set.name), set.r#type.as_str(), set.set_identifier.as_deref())
}

/// Deletes all records but the two that every zone has (NS and SOA of the zone itself).
///
/// # Errors
/// The classified error.
pub(super) async fn empty(aws: &Aws, zone: &str) -> Result<(), Error> {
    let Some(sets) = if_there(all(aws, zone).await)? else { return Ok(()) };
    let apex = sets.iter().find(|set| set.r#type == RrType::Soa).map(|set| plain(&set.name));
    let own = |set: &ResourceRecordSet| {
        matches!(set.r#type, RrType::Ns | RrType::Soa) && Some(plain(&set.name)) == apex
    };
    let surplus: Vec<ResourceRecordSet> = sets.into_iter().filter(|set| !own(set)).collect();
    for batch in surplus.chunks(BATCH) {
        remove(aws, zone, batch.to_vec()).await?;
    }
    Ok(())
}

async fn all(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, Error> {
    let mut found = Vec::new();
    let (mut name, mut record_type, mut identifier) = (None, None, None);
    loop {
        let page = aws
            .read(Service::Route53, "ListResourceRecordSets", || {
                aws.clients()
                    .route53
                    .list_resource_record_sets()
                    .hosted_zone_id(zone)
                    .set_start_record_name(name.clone())
                    .set_start_record_type(record_type.clone())
                    .set_start_record_identifier(identifier.clone())
                    .send()
            })
            .await?;
        found.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(found);
        }
        name = page.next_record_name;
        record_type = page.next_record_type;
        identifier = page.next_record_identifier;
    }
}
