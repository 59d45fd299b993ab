//! Objects: writing, copying and deleting, with the conditions that S3 knows for them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::bucket::{find, find_mut};
use super::state::{Bucket, ObjectVersion};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::wire::message::decode_path;
use crate::world::Call;

/// Members that are kept with an object and shown with it again.
const KEPT: [&str; 9] = [
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
];
/// The checksums that a client may send along.
const CHECKSUMS: [&str; 5] =
    ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"];

/// The refusal of a condition that does not hold.
fn precondition(condition: &str) -> Failure {
    let text = "At least one of the pre-conditions you specified did not hold";
    Failure::new("PreconditionFailed", text).status(412).with("Condition", condition)
}

/// The refusal of a key that does not exist.
pub(super) fn no_key(key: &str) -> Failure {
    Failure::new("NoSuchKey", "The specified key does not exist.").status(404).with("Key", key)
}

/// MD5 of bytes in hexadecimal.
pub(super) fn md5_hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Entity tags are compared without their quotation marks.
fn same_tag(one: &str, other: &str) -> bool {
    one.trim_matches('"') == other.trim_matches('"')
}

/// Conditional writes: `If-None-Match: *` wants no object there, `If-Match` wants exactly this one.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
pub(super) fn check_write(bucket: &Bucket, input: &Input, key: &str) -> Result<(), Failure> {
    let current = bucket.current(key);
    match input.text("IfNoneMatch") {
        None => {}
        Some("*") if current.is_some() => return Err(precondition("If-None-Match")),
        Some("*") => {}
        Some(other) => return Err(Failure::unmodelled(format!("If-None-Match: {other} of a write"))),
    }
    match (input.text("IfMatch"), current) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(no_key(key)),
        (Some("*"), Some(_)) => Ok(()),
        (Some(tag), Some(version)) if same_tag(tag, &version.etag) => Ok(()),
        _ => Err(precondition("If-Match")),
    }
}

/// What an object shows again, from the request that writes it; the bucket's encryption where it says none.
pub(super) fn kept(bucket: &Bucket, input: &Input) -> BTreeMap<String, Value> {
    let mut shown = BTreeMap::new();
    for member in KEPT.iter().chain(&CHECKSUMS).filter(|member| input.knows(member)) {
        if let Some(value) = input.tree(member) {
            shown.insert((*member).to_owned(), value);
        }
    }
    if !shown.contains_key("ServerSideEncryption") {
        let rule = &bucket.encryption["Rules"][0];
        let default = &rule["ApplyServerSideEncryptionByDefault"];
        for (member, value) in [
            ("ServerSideEncryption", &default["SSEAlgorithm"]),
            ("SSEKMSKeyId", &default["KMSMasterKeyID"]),
            ("BucketKeyEnabled", &rule["BucketKeyEnabled"]),
        ] {
            if !value.is_null() && *value != false {
                shown.insert(member.to_owned(), value.clone());
            }
        }
    }
    shown.entry("ContentType".to_owned()).or_insert_with(|| "binary/octet-stream".into());
    shown
}

/// Adds a version to a key; without versioning, or while that is suspended, it takes the place of the null version.
pub(super) fn add(
    call: &mut Call<'_>,
    input: &Input,
    key: &str,
    mut version: ObjectVersion,
) -> Result<String, Failure> {
    let versioned = find(call, input)?.versioning.as_deref() == Some("Enabled");
    version.id = if versioned {
        call.world_mut().dice.text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
    } else {
        "null".to_owned()
    };
    let id = version.id.clone();
    let bucket = find_mut(call, input)?;
    let mut versions = bucket.objects.get(key).cloned().unwrap_or_default();
    if id == "null" {
        versions.retain(|version| version.id != "null");
    }
    versions.push(version);
    bucket.objects.insert(key, versions);
    Ok(id)
}

/// The members of a write's answer that come from the object.
pub(super) fn written(version: &BTreeMap<String, Value>, etag: &str, id: &str, versioned: bool) -> Value {
    let mut answer = json!({ "ETag": etag, "VersionId": versioned.then_some(id) });
    for member in ["ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"].iter().chain(&CHECKSUMS) {
        if let Some(value) = version.get(*member) {
            answer[*member] = value.clone();
        }
    }
    answer
}

fn check_md5(input: &Input, bytes: &Bytes) -> Result<(), Failure> {
    let Some(asked) = input.text("ContentMD5") else { return Ok(()) };
    let sum = Md5::digest(bytes);
    match STANDARD.decode(asked) {
        Ok(asked) if asked.as_slice() == sum.as_slice() => Ok(()),
        Ok(asked) if asked.len() == 16 => {
            Err(Failure::new("BadDigest", "The Content-MD5 you specified did not match what we received."))
        }
        _ => Err(Failure::new("InvalidDigest", "The Content-MD5 you specified was an invalid.")),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub(super) fn put_object(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = input.str("Key").to_owned();
    let bytes = body(input)?;
    input.only("ACL", "private")?;
    input.only("StorageClass", "STANDARD")?;
    let bucket = find(call, input)?;
    check_write(bucket, input, &key)?;
    let versioned = bucket.versioning.as_deref() == Some("Enabled");
    let shown = kept(bucket, input);
    let blob = call.blobs.put(&bytes).map_err(Failure::internal)?;
    let etag = format!("\"{}\"", md5_hex(&bytes));
    let version = ObjectVersion {
        id: String::new(),
        marker: false,
        blob,
        size: bytes.len() as u64,
        etag: etag.clone(),
        modified: call.now,
        shown: shown.clone(),
        metadata: input.pairs("Metadata"),
    };
    let id = add(call, input, &key, version)?;
    Ok(written(&shown, &etag, &id, versioned).into())
}

/// The body of an upload, its length and MD5 checked.
pub(super) fn body(input: &Input) -> Result<Bytes, Failure> {
    let bytes = input.blob("Body").cloned().unwrap_or_default();
    // The length of the framed body and the algorithm of a trailer say nothing about the content.
    input.integer("ContentLength");
    input.has("ChecksumAlgorithm");
    check_md5(input, &bytes)?;
    Ok(bytes)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub(super) fn copy_object(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = input.str("Key").to_owned();
    let source = decode_path(input.str("CopySource"));
    let (path, wanted) = match source.split_once("?versionId=") {
        Some((path, id)) => (path, Some(id)),
        None => (source.as_str(), None),
    };
    let (bucket_name, source_key) = path.trim_start_matches('/').split_once('/').ok_or_else(|| {
        Failure::new(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )
    })?;
    let replace = input.text("MetadataDirective") == Some("REPLACE");
    let buckets = &call.account_state().s3.buckets;
    let from = buckets.get(bucket_name).ok_or_else(|| {
        Failure::new("NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket_name)
    })?;
    let found = match wanted {
        None => from.current(source_key),
        Some(id) => {
            from.objects.get(source_key).and_then(|all| all.iter().find(|one| one.id == id && !one.marker))
        }
    };
    let original = found.cloned().ok_or_else(|| no_key(source_key))?;
    let bucket = find(call, input)?;
    check_write(bucket, input, &key)?;
    let versioned = bucket.versioning.as_deref() == Some("Enabled");
    let mut shown = kept(bucket, input);
    let mut metadata = input.pairs("Metadata");
    if !replace {
        shown.insert("ContentType".to_owned(), original.shown["ContentType"].clone());
        metadata = original.metadata.clone();
    }
    let modified = call.now;
    let version = ObjectVersion { modified, shown: shown.clone(), metadata, ..original.clone() };
    let id = add(call, input, &key, version)?;
    let mut answer = json!({
        "CopyObjectResult": { "ETag": original.etag, "LastModified": modified.value() },
        "VersionId": versioned.then_some(id),
    });
    for member in ["ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"] {
        if let Some(value) = shown.get(member) {
            answer[member] = value.clone();
        }
    }
    Ok(answer.into())
}

/// What a delete did: whether a marker was made or removed, and which version.
struct Deleted {
    marker: bool,
    version: Option<String>,
}

/// Without a version id a versioned bucket gets a delete marker; with one, that version goes for good.
fn delete(call: &mut Call<'_>, input: &Input, key: &str, id: Option<&str>) -> Result<Deleted, Failure> {
    let bucket = find_mut(call, input)?;
    let Some(id) = id else {
        if bucket.versioning.is_none() {
            bucket.objects.remove(key);
            return Ok(Deleted { marker: false, version: None });
        }
        let modified = call.now;
        let marker = ObjectVersion {
            id: String::new(),
            marker: true,
            blob: String::new(),
            size: 0,
            etag: String::new(),
            modified,
            shown: BTreeMap::new(),
            metadata: BTreeMap::new(),
        };
        let version = add(call, input, key, marker)?;
        return Ok(Deleted { marker: true, version: Some(version) });
    };
    let mut versions = bucket.objects.get(key).cloned().unwrap_or_default();
    let marker = versions.iter().any(|version| version.id == id && version.marker);
    versions.retain(|version| version.id != id);
    if versions.is_empty() {
        bucket.objects.remove(key);
    } else {
        bucket.objects.insert(key, versions);
    }
    Ok(Deleted { marker, version: Some(id.to_owned()) })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
pub(super) fn delete_object(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = input.str("Key").to_owned();
    let bucket = find(call, input)?;
    if let Some(tag) = input.text("IfMatch") {
        match bucket.current(&key) {
            None => return Err(no_key(&key)),
            Some(version) if tag == "*" || same_tag(tag, &version.etag) => {}
            Some(_) => return Err(precondition("If-Match")),
        }
    }
    let deleted = delete(call, input, &key, input.text("VersionId"))?;
    Ok(json!({ "DeleteMarker": deleted.marker.then_some(true), "VersionId": deleted.version }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
pub(super) fn delete_objects(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.has("ChecksumAlgorithm");
    let Some(asked) = input.get("Delete") else { return Err(Failure::internal("the model requires Delete")) };
    let quiet = asked.flag("Quiet") == Some(true);
    let objects = asked.list("Objects");
    if objects.len() > 1000 {
        return Err(Failure::new("MalformedXML", "The XML you provided was not well-formed"));
    }
    let mut shown = Vec::new();
    for object in objects {
        let (key, id) = (object.str("Key").to_owned(), object.text("VersionId"));
        let deleted = delete(call, input, &key, id)?;
        let of_marker = deleted.marker.then(|| deleted.version.clone()).flatten();
        if !quiet {
            shown.push(json!({
                "Key": key, "VersionId": id, "DeleteMarker": deleted.marker.then_some(true),
                "DeleteMarkerVersionId": of_marker,
            }));
        }
    }
    Ok(json!({ "Deleted": shown }).into())
}
