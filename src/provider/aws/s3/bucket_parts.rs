//! What a bucket consists of besides its objects.

use std::collections::BTreeMap;

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
};

use crate::model::s3::{Bucket, BucketEncryption, Expiry};
use crate::model::{Document, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::{Revision, gone_is_fine};
use crate::provider::aws::presence::if_there;
use crate::provider::aws::references::arn_of;
use crate::provider::aws::tagging::TagChanges;
use crate::provider::aws::{Aws, Service};

pub(super) async fn tags(aws: &Aws, name: &str) -> Result<Tags, Error> {
    let reply = aws
        .read(Service::S3, "GetBucketTagging", || aws.clients().s3.get_bucket_tagging().bucket(name).send())
        .await;
    // NoSuchTagSet: none were ever set.
    let set = if_there(reply)?.map(|reply| reply.tag_set).unwrap_or_default();
    Ok(set.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Sets tags among those of others: S3 replaces the whole set.
pub(super) async fn set_tags(aws: &Aws, name: &str, changes: &TagChanges) -> Result<(), Error> {
    const NAME: &str = "PutBucketTagging";
    let mut all = tags(aws, name).await?;
    all.extend(changes.set.clone());
    all.retain(|key, _| !changes.unset.contains(key));
    if all.is_empty() {
        let deleted = aws.remove(Service::S3, "DeleteBucketTagging", || {
            aws.clients().s3.delete_bucket_tagging().bucket(name).send()
        });
        return gone_is_fine(deleted.await);
    }
    let set = all.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let set = set.collect::<Result<Vec<_>, _>>().map_err(wrong(NAME))?;
    let tagging = Tagging::builder().set_tag_set(Some(set)).build().map_err(wrong(NAME))?;
    aws.converge(Service::S3, NAME, || {
        aws.clients().s3.put_bucket_tagging().bucket(name).tagging(tagging.clone()).send()
    })
    .await?;
    Ok(())
}

fn wrong(operation: &'static str) -> impl Fn(BuildError) -> Error {
    move |error| Error::local("s3", operation, error.to_string())
}

pub(super) async fn set_versioning(aws: &Aws, name: &str, on: bool) -> Result<(), Error> {
    let status = if on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
    let configuration = VersioningConfiguration::builder().status(status).build();
    aws.converge(Service::S3, "PutBucketVersioning", || {
        aws.clients()
            .s3
            .put_bucket_versioning()
            .bucket(name)
            .versioning_configuration(configuration.clone())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_encryption(aws: &Aws, call: &Revision<Bucket>) -> Result<(), Error> {
    const NAME: &str = "PutBucketEncryption";
    let (algorithm, key) = match &call.spec.encryption {
        BucketEncryption::Service => (ServerSideEncryption::Aes256, None),
        BucketEncryption::Kms(key) => (ServerSideEncryption::AwsKms, Some(arn_of(&call.known, key, NAME)?)),
        BucketEncryption::Other(_) => {
            return Err(Error::local("s3", NAME, "an encryption that is only seen cannot be asked for"));
        }
    };
    let bucket_key = key.is_some();
    let default =
        ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).set_kms_master_key_id(key).build();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default.map_err(wrong(NAME))?)
        .bucket_key_enabled(bucket_key)
        .build();
    let configuration =
        ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(wrong(NAME))?;
    aws.converge(Service::S3, NAME, || {
        aws.clients()
            .s3
            .put_bucket_encryption()
            .bucket(call.id.as_str())
            .server_side_encryption_configuration(configuration.clone())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_public_access(aws: &Aws, name: &str, blocked: bool) -> Result<(), Error> {
    if !blocked {
        let deleted = aws.remove(Service::S3, "DeletePublicAccessBlock", || {
            aws.clients().s3.delete_public_access_block().bucket(name).send()
        });
        return gone_is_fine(deleted.await);
    }
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build();
    aws.converge(Service::S3, "PutPublicAccessBlock", || {
        aws.clients()
            .s3
            .put_public_access_block()
            .bucket(name)
            .public_access_block_configuration(block.clone())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_policy(aws: &Aws, name: &str, policy: Option<&Document>) -> Result<(), Error> {
    let Some(policy) = policy else {
        let deleted = aws.remove(Service::S3, "DeleteBucketPolicy", || {
            aws.clients().s3.delete_bucket_policy().bucket(name).send()
        });
        return gone_is_fine(deleted.await);
    };
    aws.converge(Service::S3, "PutBucketPolicy", || {
        aws.clients().s3.put_bucket_policy().bucket(name).policy(policy.to_text()).send()
    })
    .await?;
    Ok(())
}

/// Sets all rules: S3 replaces the whole configuration.
pub(super) async fn set_expiry(
    aws: &Aws,
    name: &str,
    expiry: &BTreeMap<String, Expiry>,
) -> Result<(), Error> {
    const NAME: &str = "PutBucketLifecycleConfiguration";
    if expiry.is_empty() {
        let deleted = aws.remove(Service::S3, "DeleteBucketLifecycle", || {
            aws.clients().s3.delete_bucket_lifecycle().bucket(name).send()
        });
        return gone_is_fine(deleted.await);
    }
    let rules = expiry.iter().map(|(id, expiry)| rule(id, expiry));
    let rules = rules.collect::<Result<Vec<_>, _>>().map_err(wrong(NAME))?;
    let configuration =
        BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(wrong(NAME))?;
    aws.converge(Service::S3, NAME, || {
        aws.clients()
            .s3
            .put_bucket_lifecycle_configuration()
            .bucket(name)
            .lifecycle_configuration(configuration.clone())
            .send()
    })
    .await?;
    Ok(())
}

fn rule(id: &str, expiry: &Expiry) -> Result<LifecycleRule, BuildError> {
    let number = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    let status = if expiry.enabled { ExpirationStatus::Enabled } else { ExpirationStatus::Disabled };
    let expiration = expiry.days.map(|days| LifecycleExpiration::builder().days(number(days)).build());
    let old = expiry
        .old_versions_days
        .map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(number(days)).build());
    let unfinished = expiry
        .unfinished_days
        .map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(number(days)).build());
    LifecycleRule::builder()
        .id(id)
        .status(status)
        .filter(LifecycleRuleFilter::builder().prefix(&expiry.prefix).build())
        .set_expiration(expiration)
        .set_noncurrent_version_expiration(old)
        .set_abort_incomplete_multipart_upload(unfinished)
        .build()
}
