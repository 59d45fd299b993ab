//! Log groups. Two calls each: DescribeLogGroups, ListTagsForResource.

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::types::{LogGroup as Described, LogGroupClass};
use futures_util::future::join_all;

use crate::model::logs::{LogClass, LogGroup, LogGroupOutputs};
use crate::model::{CloudId, Known, Ref, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::presence::{if_there, must};
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::{self, TagChanges};
use crate::provider::aws::{Aws, Service};

impl Manage for LogGroup {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.into_iter().map(|look| async move {
            let name = look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str);
            let Some(group) = describe(aws, name).await? else { return Ok(Seen::Absent) };
            let arn = arn(&group)?;
            let tags = read_tags(aws, &arn).await?;
            if look.id.is_none() && !tagging::is_ours(aws, &tags) {
                return Ok(Seen::Absent);
            }
            let spec = LogGroup {
                name: name.to_owned(),
                retention: group.retention_in_days.and_then(|days| u32::try_from(days).ok()),
                key: group.kms_key_id.map(Ref::external),
                class: class_of(group.log_group_class.as_ref()),
                tags,
            };
            Ok(Seen::ready(name, spec, LogGroupOutputs { arn }))
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateLogGroup";
        let LogGroup { name, retention: _, key, class, tags } = &call.spec;
        let key = key.as_ref().map(|key| arn_of(&call.known, key, NAME)).transpose()?;
        let tags = tagging::at_birth(aws, &call.address, tags);
        aws.once(Service::Logs, NAME, || {
            aws.clients()
                .logs
                .create_log_group()
                .log_group_name(name)
                .set_kms_key_id(key.clone())
                .log_group_class(class_word(*class))
                .set_tags(Some(tags.clone().into_iter().collect()))
                .send()
        })
        .await?;
        Ok(name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("retention") {
            set_retention(aws, &call).await?;
        }
        if call.touches("key") {
            set_key(aws, &call).await?;
        }
        let tags = TagChanges::of(&call, &call.spec.tags);
        if tags.is_empty() {
            return Ok(());
        }
        let Some(group) = describe(aws, call.id.as_str()).await? else { return Ok(()) };
        set_tags(aws, &arn(&group)?, &tags).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        gone_is_fine(
            aws.remove(Service::Logs, "DeleteLogGroup", || {
                aws.clients().logs.delete_log_group().log_group_name(call.id.as_str()).send()
            })
            .await,
        )
    }
}

/// The group of exactly this name: the service looks for beginnings of names.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Described>, Error> {
    let mut next = None;
    loop {
        let page = aws
            .read(Service::Logs, "DescribeLogGroups", || {
                aws.clients()
                    .logs
                    .describe_log_groups()
                    .log_group_name_prefix(name)
                    .set_next_token(next.clone())
                    .send()
            })
            .await?;
        let found =
            page.log_groups.into_iter().flatten().find(|group| group.log_group_name.as_deref() == Some(name));
        next = page.next_token;
        if found.is_some() || next.is_none() {
            return Ok(found);
        }
    }
}

/// The ARN as tags want it, without the `:*` that stands for the streams.
fn arn(group: &Described) -> Result<String, Error> {
    let arn = group.log_group_arn.as_deref().or(group.arn.as_deref());
    Ok(must(arn, "DescribeLogGroups", "ARN")?.trim_end_matches(":*").to_owned())
}

async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags, Error> {
    let reply = aws
        .read(Service::Logs, "ListTagsForResource", || {
            aws.clients().logs.list_tags_for_resource().resource_arn(arn).send()
        })
        .await;
    Ok(tagging::of_map(if_there(reply)?.and_then(|reply| reply.tags).as_ref()))
}

async fn set_tags(aws: &Aws, arn: &str, tags: &TagChanges) -> Result<(), Error> {
    if let Some(set) = tags.set_map() {
        aws.converge(Service::Logs, "TagResource", || {
            aws.clients().logs.tag_resource().resource_arn(arn).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = tags.unset_keys() {
        aws.converge(Service::Logs, "UntagResource", || {
            aws.clients().logs.untag_resource().resource_arn(arn).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}

async fn set_retention(aws: &Aws, call: &Revision<LogGroup>) -> Result<(), Error> {
    let name = call.id.as_str();
    match call.spec.retention {
        Some(days) => {
            let days = i32::try_from(days).unwrap_or(i32::MAX);
            aws.converge(Service::Logs, "PutRetentionPolicy", || {
                aws.clients().logs.put_retention_policy().log_group_name(name).retention_in_days(days).send()
            })
            .await?;
        }
        None => {
            aws.converge(Service::Logs, "DeleteRetentionPolicy", || {
                aws.clients().logs.delete_retention_policy().log_group_name(name).send()
            })
            .await?;
        }
    }
    Ok(())
}

async fn set_key(aws: &Aws, call: &Revision<LogGroup>) -> Result<(), Error> {
    const NAME: &str = "AssociateKmsKey";
    let name = call.id.as_str();
    match &call.spec.key {
        Some(key) => {
            let key = arn_of(&call.known, key, NAME)?;
            aws.converge(Service::Logs, NAME, || {
                aws.clients().logs.associate_kms_key().log_group_name(name).kms_key_id(&key).send()
            })
            .await?;
        }
        None => {
            aws.converge(Service::Logs, "DisassociateKmsKey", || {
                aws.clients().logs.disassociate_kms_key().log_group_name(name).send()
            })
            .await?;
        }
    }
    Ok(())
}

fn class_of(class: Option<&LogGroupClass>) -> LogClass {
    match class {
        Some(LogGroupClass::InfrequentAccess) => LogClass::InfrequentAccess,
        Some(LogGroupClass::Delivery) => LogClass::Delivery,
        _ => LogClass::Standard,
    }
}

fn class_word(class: LogClass) -> LogGroupClass {
    match class {
        LogClass::Standard => LogGroupClass::Standard,
        LogClass::InfrequentAccess => LogGroupClass::InfrequentAccess,
        LogClass::Delivery => LogGroupClass::Delivery,
    }
}
