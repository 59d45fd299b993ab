//! Cases of the kinds of S3.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint,
    BucketVersioningStatus, CreateBucketConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
    VersioningConfiguration,
};
use platctl::model::s3::{Bucket, BucketEncryption, Expiry};
use platctl::model::{Attribute, Document, Tags};
use serde_json::json;

use super::ec2::managed;
use super::kms::make_key;
use super::law::{Case, hold};
use super::world::{Raw, World};

laws! {
    bucket: laws_of_bucket;
}

fn policy(action: &str) -> Document {
    Document::new(json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": action, "Resource": "arn:aws:s3:::laws-case/*",
    }]}))
}

fn expiry(prefix: &str) -> Expiry {
    Expiry {
        prefix: prefix.to_owned(),
        days: Some(30),
        old_versions_days: Some(7),
        unfinished_days: Some(3),
        enabled: true,
        more: false,
    }
}

async fn put_tags(raw: &Raw, id: &str, tags: &Tags) {
    let set = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().unwrap());
    let tagging = Tagging::builder().set_tag_set(Some(set.collect())).build().unwrap();
    raw.s3.put_bucket_tagging().bucket(id).tagging(tagging).send().await.unwrap();
}

/// Writes rules that are as [`expiry`] but for their prefixes.
async fn put_rules(raw: &Raw, id: &str, rules: &[(&str, &str)]) {
    let rule = |(name, prefix): &(&str, &str)| {
        let filter = LifecycleRuleFilter::builder().prefix(*prefix).build();
        let rule = LifecycleRule::builder().id(*name).status(ExpirationStatus::Enabled).filter(filter);
        let old = NoncurrentVersionExpiration::builder().noncurrent_days(7).build();
        let unfinished = AbortIncompleteMultipartUpload::builder().days_after_initiation(3).build();
        let rule = rule.noncurrent_version_expiration(old).abort_incomplete_multipart_upload(unfinished);
        rule.expiration(LifecycleExpiration::builder().days(30).build()).build().unwrap()
    };
    let rules = rules.iter().map(rule).collect();
    let rules = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    let put = raw.s3.put_bucket_lifecycle_configuration().bucket(id);
    put.lifecycle_configuration(rules).send().await.unwrap();
}

async fn put_encryption(raw: &Raw, id: &str, key: Option<&str>, bucket_key: bool) {
    let algorithm = if key.is_some() { ServerSideEncryption::AwsKms } else { ServerSideEncryption::Aes256 };
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm);
    let default = default.set_kms_master_key_id(key.map(str::to_owned)).build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default);
    let rule = rule.bucket_key_enabled(bucket_key).build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let put = raw.s3.put_bucket_encryption().bucket(id);
    put.server_side_encryption_configuration(rules).send().await.unwrap();
}

async fn laws_of_bucket(world: &mut World) {
    make_key(world, "files").await;
    let key = world.known.attribute(&"key.files".parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let spec = Bucket {
        name: "laws-case".to_owned(),
        versioning: true,
        encryption: BucketEncryption::Kms(managed("files")),
        public_access_blocked: true,
        expiry: BTreeMap::from([("logs".to_owned(), expiry("logs/")), ("all".to_owned(), expiry(""))]),
        policy: Some(policy("s3:PutObject")),
        empty_on_delete: true,
        tags: world.tags("bucket.case"),
    };
    let case =
        drifts(Case::new("bucket.case", spec.clone()), &spec.tags, key).other("name", |raw, _| async move {
            let here = BucketLocationConstraint::EuCentral1;
            let here = CreateBucketConfiguration::builder().location_constraint(here).build();
            let create = raw.s3.create_bucket().bucket("laws-other");
            create.create_bucket_configuration(here).send().await.unwrap();
            raw.s3.delete_public_access_block().bucket("laws-other").send().await.unwrap();
            "laws-other".to_owned()
        });
    let bare = Bucket {
        name: "laws-bare".to_owned(),
        versioning: false,
        encryption: BucketEncryption::Service,
        public_access_blocked: false,
        expiry: BTreeMap::new(),
        policy: None,
        empty_on_delete: false,
        tags: world.tags("bucket.bare"),
    };
    let wanted = Bucket { name: "laws-case".to_owned(), tags: Tags::new(), ..bare.clone() };
    let bare = Case::new("bucket.bare", bare)
        .drift("versioning", |raw, id| async move {
            let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            raw.s3.put_bucket_versioning().bucket(id).versioning_configuration(on).send().await.unwrap();
        })
        .drift("expiry.other", |raw, id| async move { put_rules(&raw, &id, &[("other", "x/")]).await });
    hold(world, vec![case.wanting(wanted), bare]).await;
}

fn drifts(case: Case, tags: &Tags, key: String) -> Case {
    let [team, surprise, name] = [(); 3].map(|()| tags.clone());
    let keyed = key.clone();
    case.drift("versioning", |raw, id| async move {
        let off = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        raw.s3.put_bucket_versioning().bucket(id).versioning_configuration(off).send().await.unwrap();
    })
    .drift("encryption", |raw, id| async move { put_encryption(&raw, &id, None, false).await })
    .drift("encryption", |raw, id| async move { put_encryption(&raw, &id, Some(&keyed), false).await })
    .drift("public_access_blocked", |raw, id| async move {
        raw.s3.delete_public_access_block().bucket(id).send().await.unwrap();
    })
    .drift("public_access_blocked", |raw, id| async move {
        let block =
            PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
        let block = block.block_public_policy(false).restrict_public_buckets(true).build();
        let put = raw.s3.put_public_access_block().bucket(id);
        put.public_access_block_configuration(block).send().await.unwrap();
    })
    .drift("expiry.logs", |raw, id| async move {
        put_rules(&raw, &id, &[("logs", "other/"), ("all", "")]).await;
    })
    .drift("expiry.all", |raw, id| async move { put_rules(&raw, &id, &[("logs", "logs/")]).await })
    .drift("policy", |raw, id| async move {
        raw.s3.delete_bucket_policy().bucket(id).send().await.unwrap();
    })
    .drift("policy", |raw, id| async move {
        let put = raw.s3.put_bucket_policy().bucket(id);
        put.policy(policy("s3:GetObject").to_text()).send().await.unwrap();
    })
    .drift("tags.team", |raw, id| async move {
        let mut tags = team;
        tags.insert("team".to_owned(), "another".to_owned());
        put_tags(&raw, &id, &tags).await;
    })
    .drift("tags.surprise", |raw, id| async move {
        let mut tags = surprise;
        tags.insert("surprise".to_owned(), "here".to_owned());
        put_tags(&raw, &id, &tags).await;
    })
    .drift("tags.Name", |raw, id| async move {
        let mut tags = name;
        tags.remove("Name");
        put_tags(&raw, &id, &tags).await;
    })
    .excused("empty_on_delete", "no policy: only a delete reads it")
}
