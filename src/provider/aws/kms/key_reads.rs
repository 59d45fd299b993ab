//! Reading keys. Five calls each: DescribeKey, GetKeyPolicy, GetKeyRotationStatus, ListResourceTags,
//! ListAliases. A key whose id is not recorded is found by its alias, or else among all keys by its tags.

use aws_sdk_kms::types::{KeyMetadata, KeyState, Tag};
use futures_util::future::{join_all, try_join4};

use super::aliases;
use crate::model::kms::{Key, KeyOutputs};
use crate::model::{Document, Tags};
use crate::provider::aws::manage::{Seen, Sought};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::{Aws, Service, tagging};
use crate::provider::{Class, Error, Readiness};

/// Looks at one key.
///
/// # Errors
/// The classified error.
pub(super) async fn observe(aws: &Aws, look: &Sought<Key>, id: Option<&str>) -> Result<Seen<Key>, Error> {
    let Some(id) = id else { return Ok(Seen::Absent) };
    let Some(found) = describe(aws, id).await? else { return Ok(Seen::Absent) };
    if is_leaving(&found) {
        // It is pending for days, and nothing brings it to an end sooner: it counts as gone.
        return Ok(Seen::Absent);
    }
    let parts = try_join4(policy(aws, id), rotation(aws, id), tags(aws, id), aliases::of(aws, id)).await;
    let Some((policy, rotation, tags, names)) = if_there(parts)? else { return Ok(Seen::Absent) };
    let arn = must(found.arn.clone(), "DescribeKey", "ARN")?;
    let spec = Key {
        alias: aliases::main(aws, &names, look.spec.alias.as_deref()),
        description: found.description.clone().unwrap_or_default(),
        policy: Some(policy),
        enabled: found.enabled,
        rotation,
        deletion_window: look.spec.deletion_window,
        tags,
    };
    let readiness = match &found.key_state {
        None | Some(KeyState::Enabled | KeyState::Disabled) => Readiness::Ready,
        Some(state) => Readiness::Pending(state.as_str().to_owned()),
    };
    Ok(Seen::with(found.key_id, spec, KeyOutputs { arn }, readiness))
}

/// The ids of keys that are not recorded: by alias, and for those that have none yet, by tags among all keys.
///
/// # Errors
/// The classified error.
pub(super) async fn find(aws: &Aws, looks: &[Sought<Key>]) -> Result<Vec<Option<String>>, Error> {
    let named = join_all(looks.iter().map(|look| by_alias(aws, look))).await;
    let mut found = named.into_iter().collect::<Result<Vec<_>, _>>()?;
    if found.iter().all(Option::is_some) {
        return Ok(found);
    }
    let all = all(aws).await?;
    let tagged = join_all(all.iter().map(|id| async move {
        match tags(aws, id).await {
            // Keys that AWS services or other people keep to themselves are not ours.
            Err(error) if matches!(error.class, Class::Denied | Class::NotFound) => Ok(Tags::new()),
            other => other,
        }
    }))
    .await
    .into_iter()
    .collect::<Result<Vec<_>, _>>()?;
    for (look, found) in looks.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let keys = all.iter().zip(&tagged).filter(|(_, tags)| tagging::is_at(aws, &look.address, tags));
        for (id, _) in keys {
            // A key that is on its way out keeps its tags.
            if describe(aws, id).await?.is_some_and(|key| !is_leaving(&key)) {
                *found = Some(id.clone());
                break;
            }
        }
    }
    Ok(found)
}

async fn by_alias(aws: &Aws, look: &Sought<Key>) -> Result<Option<String>, Error> {
    if let Some(id) = &look.id {
        return Ok(Some(id.as_str().to_owned()));
    }
    let Some(alias) = &look.spec.alias else { return Ok(None) };
    let Some(key) = describe(aws, &format!("{}{alias}", aliases::PREFIX)).await? else { return Ok(None) };
    let Some(tags) = if_there(tags(aws, &key.key_id).await)? else { return Ok(None) };
    let ours = !is_leaving(&key) && tagging::is_at(aws, &look.address, &tags);
    Ok(ours.then_some(key.key_id))
}

/// True for a key whose deletion was asked for.
pub(super) fn is_leaving(key: &KeyMetadata) -> bool {
    matches!(key.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
}

/// What the service says of a key, by id or alias.
///
/// # Errors
/// The classified error.
pub(super) async fn describe(aws: &Aws, id: &str) -> Result<Option<KeyMetadata>, Error> {
    let reply =
        aws.read(Service::Kms, "DescribeKey", || aws.clients().kms.describe_key().key_id(id).send()).await;
    Ok(if_there(reply)?.and_then(|reply| reply.key_metadata))
}

async fn policy(aws: &Aws, id: &str) -> Result<Document, Error> {
    const NAME: &str = "GetKeyPolicy";
    let reply = aws
        .read(Service::Kms, NAME, || {
            aws.clients().kms.get_key_policy().key_id(id).policy_name("default").send()
        })
        .await?;
    let text = must(reply.policy, NAME, "policy")?;
    Document::parse(&text)
        .map_err(|error| Error::local("kms", NAME, format!("the policy is not JSON: {error}")))
}

async fn rotation(aws: &Aws, id: &str) -> Result<bool, Error> {
    let reply = aws
        .read(Service::Kms, "GetKeyRotationStatus", || {
            aws.clients().kms.get_key_rotation_status().key_id(id).send()
        })
        .await?;
    Ok(reply.key_rotation_enabled)
}

async fn tags(aws: &Aws, id: &str) -> Result<Tags, Error> {
    let mut found: Vec<Tag> = Vec::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Kms, "ListResourceTags", || {
                aws.clients().kms.list_resource_tags().key_id(id).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.tags.into_iter().flatten());
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(found.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect());
        }
    }
}

/// The ids of all keys of account and region.
async fn all(aws: &Aws) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Kms, "ListKeys", || {
                aws.clients().kms.list_keys().limit(1000).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.keys.into_iter().flatten().filter_map(|key| key.key_id));
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}
