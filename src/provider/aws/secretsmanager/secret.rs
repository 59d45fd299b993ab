//! Secrets. One DescribeSecret each; no value is read.
//!
//! The rule by which the value in force was made stands in a tag, which is how a change of the rule is seen.

use std::sync::Arc;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use futures_util::future::join_all;

use super::values;
use crate::model::secretsmanager::{Generated, Secret, SecretOutputs};
use crate::model::{CloudId, Known, Ref, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

/// The tag with the rule of the value in force.
const RULE_TAG: &str = "platctl:generated";

/// The account's own key, by the name that stands for no key of ours.
const OWN_KEY: &str = "alias/aws/secretsmanager";

impl Manage for Secret {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async move {
            let id = look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str);
            match describe(aws, id).await? {
                // One that waits for its end counts as gone: a new one of its name restores it.
                Some(found) if found.deleted_date.is_none() => see(aws, look, found),
                _ => Ok(Seen::Absent),
            }
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateSecret";
        let secret = &call.spec;
        let key = secret.key.as_ref().map(|key| arn_of(&call.known, key, NAME)).transpose()?;
        let born = tags_for_call(&tagging::at_birth(aws, &call.address, &secret.tags));
        let description = (!secret.description.is_empty()).then(|| secret.description.clone());
        let made = aws
            .once(Service::SecretsManager, NAME, || {
                aws.clients()
                    .secretsmanager
                    .create_secret()
                    .name(&secret.name)
                    .set_description(description.clone())
                    .set_kms_key_id(key.clone())
                    .client_request_token(&call.token)
                    .set_tags(Some(born.clone()))
                    .send()
            })
            .await;
        match made {
            Ok(reply) => Ok(must(reply.arn, NAME, "ARN")?.into()),
            // InvalidRequestException: "a secret with this name is already scheduled for deletion".
            Err(error) if error.message.contains("scheduled for deletion") => {
                restore(aws, &secret.name).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let id = call.id.as_str();
        if call.touches("description") || call.touches("key") {
            set_words(aws, &call).await?;
        }
        let mut tags = TagChanges::of(&call, &call.spec.tags);
        if let Some(rule) = call.spec.generated.filter(|_| call.touches("generated")) {
            values::put_new(aws, id, rule).await?;
            // After the value: a rule without its value would be taken for one that has it.
            tags.set.insert(RULE_TAG.to_owned(), rule.to_string());
        }
        set_tags(aws, id, &tags).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let id = call.id.as_str();
        let days = call.spec.recovery_window;
        let window = (days > 0).then(|| i64::from(days.clamp(7, 30)));
        let deleted = aws
            .remove(Service::SecretsManager, "DeleteSecret", || {
                aws.clients()
                    .secretsmanager
                    .delete_secret()
                    .secret_id(id)
                    .set_recovery_window_in_days(window)
                    .set_force_delete_without_recovery(window.is_none().then_some(true))
                    .send()
            })
            .await;
        match gone_is_fine(deleted) {
            // InvalidRequestException: perhaps because it is scheduled already.
            Err(error) => match describe(aws, id).await? {
                Some(found) if found.deleted_date.is_none() => Err(error),
                _ => Ok(()),
            },
            Ok(()) => Ok(()),
        }
    }
}

async fn describe(aws: &Aws, id: &str) -> Result<Option<DescribeSecretOutput>, Error> {
    if_there(
        aws.read(Service::SecretsManager, "DescribeSecret", || {
            aws.clients().secretsmanager.describe_secret().secret_id(id).send()
        })
        .await,
    )
}

fn see(aws: &Aws, look: &Sought<Secret>, found: DescribeSecretOutput) -> Result<Seen<Secret>, Error> {
    let mut tags = tags_of(&found);
    if look.id.is_none() && !tagging::is_ours(aws, &tags) {
        return Ok(Seen::Absent);
    }
    let rule = tags.remove(RULE_TAG).and_then(|rule| Generated::parse(&rule));
    let has_value = values::in_force(found.version_ids_to_stages.as_ref()).is_some();
    let arn = must(found.arn, "DescribeSecret", "ARN")?;
    let name = must(found.name, "DescribeSecret", "name")?;
    let spec = Secret {
        name: name.clone(),
        description: found.description.unwrap_or_default(),
        key: found.kms_key_id.filter(|key| !key.ends_with(OWN_KEY)).map(Ref::external),
        generated: rule.filter(|_| has_value),
        recovery_window: look.spec.recovery_window,
        tags,
    };
    Ok(Seen::ready(arn.as_str(), spec, SecretOutputs { arn: arn.clone(), name }))
}

/// Takes a secret of ours back from the deletion that it waits for.
async fn restore(aws: &Aws, name: &str) -> Result<Option<CloudId>, Error> {
    let Some(found) = describe(aws, name).await? else { return Ok(None) };
    if !tagging::is_ours(aws, &tags_of(&found)) {
        return Ok(None);
    }
    let reply = aws
        .converge(Service::SecretsManager, "RestoreSecret", || {
            aws.clients().secretsmanager.restore_secret().secret_id(name).send()
        })
        .await?;
    Ok(reply.arn.map(CloudId::from))
}

async fn set_words(aws: &Aws, call: &Revision<Secret>) -> Result<(), Error> {
    const NAME: &str = "UpdateSecret";
    let key = match &call.spec.key {
        Some(key) => arn_of(&call.known, key, NAME)?,
        None => OWN_KEY.to_owned(),
    };
    aws.converge(Service::SecretsManager, NAME, || {
        aws.clients()
            .secretsmanager
            .update_secret()
            .secret_id(call.id.as_str())
            .description(&call.spec.description)
            .set_kms_key_id(call.touches("key").then(|| key.clone()))
            .send()
    })
    .await?;
    Ok(())
}

async fn set_tags(aws: &Aws, id: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags_for_call(&changes.set);
        aws.converge(Service::SecretsManager, "TagResource", || {
            aws.clients().secretsmanager.tag_resource().secret_id(id).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::SecretsManager, "UntagResource", || {
            aws.clients()
                .secretsmanager
                .untag_resource()
                .secret_id(id)
                .set_tag_keys(Some(keys.clone()))
                .send()
        })
        .await?;
    }
    Ok(())
}

fn tags_of(found: &DescribeSecretOutput) -> Tags {
    found
        .tags()
        .iter()
        .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default())))
        .collect()
}

fn tags_for_call(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
