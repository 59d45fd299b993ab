//! Emptying a bucket: every version of every object, every delete marker, every unfinished upload.

use aws_sdk_s3::types::{Delete, MultipartUpload, ObjectIdentifier};

use crate::provider::aws::manage::gone_is_fine;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

/// Deletes all that is in a bucket, page by page: a page is 1000, as many as DeleteObjects takes.
///
/// # Errors
/// The classified error; denied, when something in it may not be deleted.
pub(super) async fn empty(aws: &Aws, bucket: &str) -> Result<(), Error> {
    while let Some(page) = versions(aws, bucket).await? {
        delete(aws, bucket, page).await?;
    }
    for upload in uploads(aws, bucket).await? {
        abort(aws, bucket, &upload).await?;
    }
    Ok(())
}

/// The first page of what is in it; `None` when it is empty or gone.
async fn versions(aws: &Aws, bucket: &str) -> Result<Option<Vec<ObjectIdentifier>>, Error> {
    const NAME: &str = "ListObjectVersions";
    let reply =
        aws.read(Service::S3, NAME, || aws.clients().s3.list_object_versions().bucket(bucket).send()).await;
    let Some(page) = if_there(reply)? else { return Ok(None) };
    let versions = page.versions.into_iter().flatten().map(|version| (version.key, version.version_id));
    let markers = page.delete_markers.into_iter().flatten().map(|marker| (marker.key, marker.version_id));
    let found = versions
        .chain(markers)
        .map(|(key, version)| {
            ObjectIdentifier::builder().key(key.unwrap_or_default()).set_version_id(version).build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::local("s3", NAME, error.to_string()))?;
    Ok((!found.is_empty()).then_some(found))
}

async fn delete(aws: &Aws, bucket: &str, page: Vec<ObjectIdentifier>) -> Result<(), Error> {
    const NAME: &str = "DeleteObjects";
    let delete = Delete::builder().set_objects(Some(page)).quiet(true).build();
    let delete = delete.map_err(|error| Error::local("s3", NAME, error.to_string()))?;
    let reply = aws
        .remove(Service::S3, NAME, || {
            aws.clients().s3.delete_objects().bucket(bucket).delete(delete.clone()).send()
        })
        .await?;
    // The call succeeds even when an object stays.
    match reply.errors().first() {
        None => Ok(()),
        Some(error) => Err(Error {
            class: Class::Denied,
            service: "s3",
            operation: NAME,
            code: error.code.clone(),
            message: format!("{}: {}", error.key().unwrap_or_default(), error.message().unwrap_or_default()),
            request_id: None,
        }),
    }
}

async fn uploads(aws: &Aws, bucket: &str) -> Result<Vec<MultipartUpload>, Error> {
    let mut found = Vec::new();
    let (mut key, mut id) = (None, None);
    loop {
        let reply = aws
            .read(Service::S3, "ListMultipartUploads", || {
                aws.clients()
                    .s3
                    .list_multipart_uploads()
                    .bucket(bucket)
                    .set_key_marker(key.clone())
                    .set_upload_id_marker(id.clone())
                    .send()
            })
            .await;
        let Some(page) = if_there(reply)? else { return Ok(found) };
        found.extend(page.uploads.into_iter().flatten());
        if page.is_truncated != Some(true) {
            return Ok(found);
        }
        key = page.next_key_marker;
        id = page.next_upload_id_marker;
    }
}

async fn abort(aws: &Aws, bucket: &str, upload: &MultipartUpload) -> Result<(), Error> {
    let aborted = aws
        .remove(Service::S3, "AbortMultipartUpload", || {
            aws.clients()
                .s3
                .abort_multipart_upload()
                .bucket(bucket)
                .key(upload.key().unwrap_or_default())
                .upload_id(upload.upload_id().unwrap_or_default())
                .send()
        })
        .await;
    gone_is_fine(aborted)
}
