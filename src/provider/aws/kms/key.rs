//! Keys.

use std::sync::Arc;

use aws_sdk_kms::types::Tag;
use futures_util::future::join_all;

use super::{aliases, key_reads};
use crate::model::kms::Key;
use crate::model::{CloudId, Known};
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

impl Manage for Key {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        match key_reads::find(aws, &looks).await {
            Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
            Ok(ids) => {
                let pairs = looks.iter().zip(&ids);
                join_all(pairs.map(|(look, id)| key_reads::observe(aws, look, id.as_deref()))).await
            }
        }
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateKey";
        let Key { alias: _, description, policy, enabled: _, rotation: _, deletion_window: _, tags } =
            &call.spec;
        let born = for_call(&tagging::at_birth(aws, &call.address, tags), NAME)?;
        let reply = aws
            .once(Service::Kms, NAME, || {
                aws.clients()
                    .kms
                    .create_key()
                    .description(description)
                    .set_policy(policy.as_ref().map(crate::model::Document::to_text))
                    .set_tags(Some(born.clone()))
                    .send()
            })
            .await?;
        Ok(must(reply.key_metadata.map(|key| key.key_id), NAME, "id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let id = call.id.as_str();
        // A disabled key takes no other change: it is enabled first, and disabled last.
        if call.touches("enabled") && call.spec.enabled {
            aws.converge(Service::Kms, "EnableKey", || aws.clients().kms.enable_key().key_id(id).send())
                .await?;
        }
        if call.touches("description") {
            aws.converge(Service::Kms, "UpdateKeyDescription", || {
                aws.clients()
                    .kms
                    .update_key_description()
                    .key_id(id)
                    .description(&call.spec.description)
                    .send()
            })
            .await?;
        }
        if call.touches("policy") {
            set_policy(aws, &call).await?;
        }
        if call.touches("rotation") {
            set_rotation(aws, id, call.spec.rotation).await?;
        }
        if call.touches("alias") {
            set_alias(aws, &call).await?;
        }
        set_tags(aws, id, &TagChanges::of(&call, &call.spec.tags)).await?;
        if call.touches("enabled") && !call.spec.enabled {
            aws.converge(Service::Kms, "DisableKey", || aws.clients().kms.disable_key().key_id(id).send())
                .await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let id = call.id.as_str();
        // An alias would stay with its key for the whole waiting period, and keep its name from the next key.
        for alias in if_there(aliases::of(aws, id).await)?.unwrap_or_default() {
            aliases::delete(aws, &alias).await?;
        }
        let days = i32::from(call.spec.deletion_window.clamp(7, 30));
        let scheduled = aws
            .remove(Service::Kms, "ScheduleKeyDeletion", || {
                aws.clients().kms.schedule_key_deletion().key_id(id).pending_window_in_days(days).send()
            })
            .await;
        match scheduled {
            // KMSInvalidStateException: perhaps because it is scheduled already.
            Err(error) if error.class == Class::Conflict => {
                let leaves =
                    key_reads::describe(aws, id).await?.is_none_or(|key| key_reads::is_leaving(&key));
                if leaves { Ok(()) } else { Err(error) }
            }
            other => gone_is_fine(other),
        }
    }
}

async fn set_policy(aws: &Aws, call: &Revision<Key>) -> Result<(), Error> {
    let Some(policy) = &call.spec.policy else { return Ok(()) };
    aws.converge(Service::Kms, "PutKeyPolicy", || {
        aws.clients()
            .kms
            .put_key_policy()
            .key_id(call.id.as_str())
            .policy_name("default")
            .policy(policy.to_text())
            .send()
    })
    .await?;
    Ok(())
}

async fn set_rotation(aws: &Aws, id: &str, rotates: bool) -> Result<(), Error> {
    if rotates {
        aws.converge(Service::Kms, "EnableKeyRotation", || {
            aws.clients().kms.enable_key_rotation().key_id(id).send()
        })
        .await?;
    } else {
        aws.converge(Service::Kms, "DisableKeyRotation", || {
            aws.clients().kms.disable_key_rotation().key_id(id).send()
        })
        .await?;
    }
    Ok(())
}

/// The new name first, so that it never has none.
async fn set_alias(aws: &Aws, call: &Revision<Key>) -> Result<(), Error> {
    if let Some(alias) = &call.spec.alias {
        aliases::point(aws, alias, call.id.as_str()).await?;
    }
    if let Some(old) = &call.live.alias {
        aliases::delete(aws, old).await?;
    }
    Ok(())
}

async fn set_tags(aws: &Aws, id: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = for_call(&changes.set, "TagResource")?;
        aws.converge(Service::Kms, "TagResource", || {
            aws.clients().kms.tag_resource().key_id(id).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Kms, "UntagResource", || {
            aws.clients().kms.untag_resource().key_id(id).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}

fn for_call<'a>(
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
    operation: &'static str,
) -> Result<Vec<Tag>, Error> {
    tags.into_iter()
        .map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| Error::local("kms", operation, error.to_string()))
}
