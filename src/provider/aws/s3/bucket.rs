//! Buckets.

use std::sync::Arc;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use futures_util::future::join_all;

use super::{bucket_parts as parts, bucket_reads, emptying};
use crate::model::s3::Bucket;
use crate::model::{CloudId, Known};
use crate::provider::Error;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, gone_is_fine};
use crate::provider::aws::tagging::TagChanges;
use crate::provider::aws::{Aws, Service};

/// The region that must not be named when a bucket is made (CreateBucket, `LocationConstraint`).
const UNNAMED_REGION: &str = "us-east-1";

impl Manage for Bucket {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| bucket_reads::observe(aws, look))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let name = &call.spec.name;
        let region = aws.region();
        let place = (region != UNNAMED_REGION).then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        aws.once(Service::S3, "CreateBucket", || {
            aws.clients()
                .s3
                .create_bucket()
                .bucket(name)
                .set_create_bucket_configuration(place.clone())
                .send()
        })
        .await?;
        Ok(name.as_str().into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        // Tags first: until they are there, only the name says whose it is.
        let tags = TagChanges::of(&call, &call.spec.tags);
        if !tags.is_empty() {
            parts::set_tags(aws, name, &tags).await?;
        }
        if call.touches("public_access_blocked") {
            parts::set_public_access(aws, name, call.spec.public_access_blocked).await?;
        }
        if call.touches("versioning") {
            parts::set_versioning(aws, name, call.spec.versioning).await?;
        }
        if call.touches("encryption") {
            parts::set_encryption(aws, &call).await?;
        }
        if call.touches("expiry") {
            parts::set_expiry(aws, name, &call.spec.expiry).await?;
        }
        if call.touches("policy") {
            parts::set_policy(aws, name, call.spec.policy.as_ref()).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let name = call.id.as_str();
        if call.spec.empty_on_delete {
            emptying::empty(aws, name).await?;
        }
        gone_is_fine(
            aws.remove(Service::S3, "DeleteBucket", || aws.clients().s3.delete_bucket().bucket(name).send())
                .await,
        )
    }
}
