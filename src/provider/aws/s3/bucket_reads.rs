//! Reading buckets. Seven calls each: HeadBucket, then versioning, encryption, public access block, lifecycle,
//! policy and tags, where "there is none" is an answer of its own.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, ServerSideEncryption,
    ServerSideEncryptionByDefault,
};
use futures_util::future::try_join;

use super::bucket_parts::tags;
use crate::model::s3::{Bucket, BucketEncryption, BucketOutputs, Expiry};
use crate::model::{CloudId, Document, ENVIRONMENT_TAG, Ref, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::{Seen, Sought};
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service, tagging};

/// Looks at one bucket.
///
/// # Errors
/// The classified error: denied, when the name is another account's.
pub(super) async fn observe(aws: &Aws, look: &Sought<Bucket>) -> Result<Seen<Bucket>, Error> {
    let name = look.id.as_ref().map_or(look.spec.name.as_str(), CloudId::as_str);
    let head =
        aws.read(Service::S3, "HeadBucket", || aws.clients().s3.head_bucket().bucket(name).send()).await;
    if if_there(head)?.is_none() {
        return Ok(Seen::Absent);
    }
    let settings = try_join(versioning(aws, name), encryption(aws, name));
    let guards = try_join(blocks_public_access(aws, name), policy(aws, name));
    let contents = try_join(expiry(aws, name), tags(aws, name));
    let read = try_join(try_join(settings, guards), contents).await;
    let Some((((versioning, encryption), (public_access_blocked, policy)), (expiry, tags))) = if_there(read)?
    else {
        return Ok(Seen::Absent);
    };
    if look.id.is_none() && !is_ours(aws, name, &tags) {
        return Ok(Seen::Absent);
    }
    let spec = Bucket {
        name: name.to_owned(),
        versioning,
        encryption,
        public_access_blocked,
        expiry,
        policy,
        empty_on_delete: look.spec.empty_on_delete,
        tags,
    };
    let partition = if aws.region().starts_with("cn-") { "aws-cn" } else { "aws" };
    Ok(Seen::ready(name, spec, BucketOutputs { arn: format!("arn:{partition}:s3:::{name}") }))
}

/// By tag; or, for one that was made and not tagged yet, by a name that starts with the environment's.
fn is_ours(aws: &Aws, name: &str, tags: &Tags) -> bool {
    let named = || name.strip_prefix(aws.environment()).is_some_and(|rest| rest.starts_with('-'));
    if tags.contains_key(ENVIRONMENT_TAG) { tagging::is_ours(aws, tags) } else { named() }
}

async fn versioning(aws: &Aws, name: &str) -> Result<bool, Error> {
    let reply = aws
        .read(Service::S3, "GetBucketVersioning", || {
            aws.clients().s3.get_bucket_versioning().bucket(name).send()
        })
        .await?;
    Ok(reply.status == Some(BucketVersioningStatus::Enabled))
}

async fn encryption(aws: &Aws, name: &str) -> Result<BucketEncryption, Error> {
    let reply = aws
        .read(Service::S3, "GetBucketEncryption", || {
            aws.clients().s3.get_bucket_encryption().bucket(name).send()
        })
        .await;
    // ServerSideEncryptionConfigurationNotFoundError: nothing was ever set.
    let rules = if_there(reply)?.and_then(|reply| reply.server_side_encryption_configuration);
    let rule = rules.and_then(|rules| rules.rules.into_iter().next());
    let bucket_key = rule.as_ref().and_then(|rule| rule.bucket_key_enabled).unwrap_or_default();
    Ok(rule
        .and_then(|rule| rule.apply_server_side_encryption_by_default)
        .map_or(BucketEncryption::Service, |default| encryption_of(default, bucket_key)))
}

fn encryption_of(default: ServerSideEncryptionByDefault, bucket_key: bool) -> BucketEncryption {
    match (default.sse_algorithm, default.kms_master_key_id) {
        (ServerSideEncryption::Aes256, _) => BucketEncryption::Service,
        (ServerSideEncryption::AwsKms, Some(key)) if bucket_key => BucketEncryption::Kms(Ref::external(key)),
        (other, key) => {
            let key = key.map_or_else(String::new, |key| format!(" {key}"));
            BucketEncryption::Other(format!("{}{key}, bucket key {bucket_key}", other.as_str()))
        }
    }
}

async fn blocks_public_access(aws: &Aws, name: &str) -> Result<bool, Error> {
    let reply = aws
        .read(Service::S3, "GetPublicAccessBlock", || {
            aws.clients().s3.get_public_access_block().bucket(name).send()
        })
        .await;
    let block = if_there(reply)?.and_then(|reply| reply.public_access_block_configuration);
    Ok(block.is_some_and(|block| {
        [
            block.block_public_acls,
            block.ignore_public_acls,
            block.block_public_policy,
            block.restrict_public_buckets,
        ]
        .iter()
        .all(|setting| *setting == Some(true))
    }))
}

async fn policy(aws: &Aws, name: &str) -> Result<Option<Document>, Error> {
    const NAME: &str = "GetBucketPolicy";
    let reply =
        aws.read(Service::S3, NAME, || aws.clients().s3.get_bucket_policy().bucket(name).send()).await;
    let text = if_there(reply)?.and_then(|reply| reply.policy);
    let parsed = text.map(|text| Document::parse(&text)).transpose();
    parsed.map_err(|error| Error::local("s3", NAME, format!("the policy is not JSON: {error}")))
}

async fn expiry(aws: &Aws, name: &str) -> Result<BTreeMap<String, Expiry>, Error> {
    let reply = aws
        .read(Service::S3, "GetBucketLifecycleConfiguration", || {
            aws.clients().s3.get_bucket_lifecycle_configuration().bucket(name).send()
        })
        .await;
    let rules = if_there(reply)?.and_then(|reply| reply.rules).unwrap_or_default();
    Ok(rules.into_iter().map(rule).collect())
}

fn rule(rule: LifecycleRule) -> (String, Expiry) {
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
    let expiration = rule.expiration.as_ref();
    let old = rule.noncurrent_version_expiration.as_ref();
    let unfinished = rule.abort_incomplete_multipart_upload.as_ref();
    let more = !rule.transitions().is_empty()
        || !rule.noncurrent_version_transitions().is_empty()
        || expiration.is_some_and(|e| e.date.is_some() || e.expired_object_delete_marker == Some(true))
        || old.is_some_and(|old| old.newer_noncurrent_versions.is_some())
        || rule.filter.as_ref().is_some_and(is_more_than_a_prefix);
    #[expect(deprecated, reason = "rules that were made long ago have their prefix outside the filter")]
    let old_prefix = rule.prefix.clone();
    let prefix = rule.filter.as_ref().and_then(|filter| filter.prefix.clone()).or(old_prefix);
    let expiry = Expiry {
        prefix: prefix.unwrap_or_default(),
        days: days(expiration.and_then(|expiration| expiration.days)),
        old_versions_days: days(old.and_then(|old| old.noncurrent_days)),
        unfinished_days: days(unfinished.and_then(|unfinished| unfinished.days_after_initiation)),
        enabled: rule.status == ExpirationStatus::Enabled,
        more,
    };
    (rule.id.unwrap_or_default(), expiry)
}

fn is_more_than_a_prefix(filter: &LifecycleRuleFilter) -> bool {
    filter.tag.is_some()
        || filter.and.is_some()
        || filter.object_size_greater_than.is_some()
        || filter.object_size_less_than.is_some()
}
