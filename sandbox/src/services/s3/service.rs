//! What S3 offers.

use serde_json::json;

use super::{bucket, bucket_config, list, multipart, object, read};
use crate::services::{Item, Operation, Service, model, nothing_completes};
use crate::wire::failure::Failure;
use crate::wire::validate::Violation;
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "s3",
    model: model!("s3"),
    operation,
    complete: nothing_completes,
    refuse,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AbortMultipartUpload" => multipart::abort_multipart_upload,
        "CompleteMultipartUpload" => multipart::complete_multipart_upload,
        "CopyObject" => object::copy_object,
        "CreateBucket" => bucket::create_bucket,
        "CreateMultipartUpload" => multipart::create_multipart_upload,
        "DeleteBucket" => bucket::delete_bucket,
        "DeleteBucketEncryption" => bucket_config::delete_bucket_encryption,
        "DeleteBucketLifecycle" => bucket_config::delete_bucket_lifecycle,
        "DeleteBucketPolicy" => bucket_config::delete_bucket_policy,
        "DeleteBucketTagging" => bucket_config::delete_bucket_tagging,
        "DeleteObject" => object::delete_object,
        "DeleteObjects" => object::delete_objects,
        "DeletePublicAccessBlock" => bucket_config::delete_public_access_block,
        "GetBucketEncryption" => bucket_config::get_bucket_encryption,
        "GetBucketLifecycleConfiguration" => bucket_config::get_bucket_lifecycle_configuration,
        "GetBucketPolicy" => bucket_config::get_bucket_policy,
        "GetBucketTagging" => bucket_config::get_bucket_tagging,
        "GetBucketVersioning" => bucket_config::get_bucket_versioning,
        "GetObject" => read::get_object,
        "GetPublicAccessBlock" => bucket_config::get_public_access_block,
        "HeadBucket" => bucket::head_bucket,
        "HeadObject" => read::head_object,
        "ListBuckets" => bucket::list_buckets,
        "ListMultipartUploads" => multipart::list_multipart_uploads,
        "ListObjectVersions" => list::list_object_versions,
        "ListObjectsV2" => list::list_objects_v2,
        "ListParts" => multipart::list_parts,
        "PutBucketEncryption" => bucket_config::put_bucket_encryption,
        "PutBucketLifecycleConfiguration" => bucket_config::put_bucket_lifecycle_configuration,
        "PutBucketPolicy" => bucket_config::put_bucket_policy,
        "PutBucketTagging" => bucket_config::put_bucket_tagging,
        "PutBucketVersioning" => bucket_config::put_bucket_versioning,
        "PutObject" => object::put_object,
        "PutPublicAccessBlock" => bucket_config::put_public_access_block,
        "UploadPart" => multipart::upload_part,
        _ => return None,
    })
}

fn refuse(violation: &Violation) -> Failure {
    Failure::new("InvalidArgument", violation.sentence())
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.accounts.get(account) else { return Vec::new() };
    let buckets = state.s3.buckets.iter().filter(|(_, bucket)| bucket.region == region);
    buckets
        .map(|(name, bucket)| Item {
            arn: format!("arn:aws:s3:::{name}"),
            kind: "s3:bucket".to_owned(),
            id: name.to_owned(),
            tags: bucket.tags.clone(),
            detail: json!({ "versioning": bucket.versioning, "keys": bucket.objects.len(), "uploads": bucket.uploads.len() }),
        })
        .collect()
}
