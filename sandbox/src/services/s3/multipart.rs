//! Multipart uploads.

use std::collections::BTreeMap;

use bytes::BytesMut;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::bucket::{find, find_mut};
use super::list::spelt;
use super::object::{add, body, check_write, kept, md5_hex, written};
use super::state::{ObjectVersion, Upload};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The smallest part, but for the last one.
const SMALLEST: u64 = 5 * 1024 * 1024;

fn upload<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Upload, Failure> {
    let bucket = find(call, input)?;
    let found = bucket.uploads.get(input.str("UploadId")).filter(|upload| upload.key == input.str("Key"));
    found.ok_or_else(|| {
        let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
        Failure::new("NoSuchUpload", text).status(404).with("UploadId", input.str("UploadId"))
    })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
pub(super) fn create_multipart_upload(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (bucket_name, key) = (input.str("Bucket").to_owned(), input.str("Key").to_owned());
    input.only("ACL", "private")?;
    input.only("StorageClass", "STANDARD")?;
    input.has("ChecksumAlgorithm");
    input.has("ChecksumType");
    let shown = kept(find(call, input)?, input);
    let upload = Upload {
        key: key.clone(),
        initiated: call.now,
        parts: BTreeMap::new(),
        shown,
        metadata: input.pairs("Metadata"),
    };
    let id =
        call.world_mut().dice.text(64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._");
    find_mut(call, input)?.uploads.insert(&id, upload);
    Ok(json!({ "Bucket": bucket_name, "Key": key, "UploadId": id }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
pub(super) fn upload_part(call: &mut Call<'_>, input: &Input) -> Outcome {
    upload(call, input)?;
    let number = input.integer("PartNumber").unwrap_or_default();
    if !(1..=10_000).contains(&number) {
        let text = "Part number must be an integer between 1 and 10000, inclusive";
        return Err(Failure::new("InvalidArgument", text));
    }
    for member in ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"] {
        input.has(member);
    }
    let bytes = body(input)?;
    let blob = call.blobs.put(&bytes).map_err(Failure::internal)?;
    let etag = format!("\"{}\"", md5_hex(&bytes));
    let part = (blob, bytes.len() as u64, etag.clone());
    if let Some(upload) = find_mut(call, input)?.uploads.get_mut(input.str("UploadId")) {
        upload.parts.insert(number, part);
    }
    Ok(json!({ "ETag": etag }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
pub(super) fn complete_multipart_upload(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (key, id) = (input.str("Key").to_owned(), input.str("UploadId").to_owned());
    let upload = upload(call, input)?.clone();
    check_write(find(call, input)?, input, &key)?;
    let asked = input.get("MultipartUpload").map_or(&[][..], |upload| upload.list("Parts"));
    let (mut whole, mut sums, mut before) = (BytesMut::new(), Vec::new(), 0);
    for (at, part) in asked.iter().enumerate() {
        let number = part.integer("PartNumber").unwrap_or_default();
        let tag = part.str("ETag").trim_matches('"').to_owned();
        for member in
            ["ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"]
        {
            part.has(member);
        }
        if number <= before {
            return Err(Failure::new("InvalidPartOrder", "The list of parts was not in ascending order."));
        }
        before = number;
        let known = upload.parts.get(&number).filter(|(.., etag)| etag.trim_matches('"') == tag);
        let Some((blob, size, etag)) = known else {
            let text = "One or more of the specified parts could not be found.";
            return Err(Failure::new("InvalidPart", text));
        };
        if *size < SMALLEST && at + 1 < asked.len() {
            let text = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Failure::new("EntityTooSmall", text));
        }
        whole.extend_from_slice(&call.blobs.get(blob).ok_or_else(|| Failure::internal("a part is gone"))?);
        sums.extend(hex_bytes(etag.trim_matches('"')));
    }
    if asked.is_empty() {
        return Err(Failure::new("MalformedXML", "The XML you provided was not well-formed"));
    }
    let whole = whole.freeze();
    let blob = call.blobs.put(&whole).map_err(Failure::internal)?;
    let sum: String = Md5::digest(&sums).iter().map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{sum}-{}\"", asked.len());
    let versioned = find(call, input)?.versioning.as_deref() == Some("Enabled");
    let version = ObjectVersion {
        id: String::new(),
        marker: false,
        blob,
        size: whole.len() as u64,
        etag: etag.clone(),
        modified: call.now,
        shown: upload.shown.clone(),
        metadata: upload.metadata.clone(),
    };
    let version_id = add(call, input, &key, version)?;
    find_mut(call, input)?.uploads.remove(&id);
    let mut answer = written(&upload.shown, &etag, &version_id, versioned);
    let bucket = input.str("Bucket");
    answer["Bucket"] = bucket.into();
    answer["Location"] = format!("{}/{bucket}/{key}", call.endpoint).into();
    answer["Key"] = key.into();
    Ok(answer.into())
}

fn hex_bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()).collect()
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
pub(super) fn abort_multipart_upload(call: &mut Call<'_>, input: &Input) -> Outcome {
    upload(call, input)?;
    find_mut(call, input)?.uploads.remove(input.str("UploadId"));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
pub(super) fn list_parts(call: &mut Call<'_>, input: &Input) -> Outcome {
    let upload = upload(call, input)?;
    let most =
        input.integer("MaxParts").and_then(|most| usize::try_from(most).ok()).unwrap_or(1000).min(1000);
    let after = input.text("PartNumberMarker").and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    let mut rest = upload.parts.iter().filter(|(number, _)| **number > after);
    let shown: Vec<Value> = rest
        .by_ref()
        .take(most)
        .map(|(number, (_, size, etag))| {
            json!({ "PartNumber": number, "Size": size, "ETag": etag, "LastModified": upload.initiated.value() })
        })
        .collect();
    let truncated = rest.next().is_some();
    let last = shown.last().map(|part| part["PartNumber"].to_string());
    Ok(json!({
        "Bucket": input.str("Bucket"), "Key": input.str("Key"), "UploadId": input.str("UploadId"),
        "MaxParts": most, "IsTruncated": truncated, "Parts": shown, "StorageClass": "STANDARD",
        "NextPartNumberMarker": last.filter(|_| truncated),
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>
pub(super) fn list_multipart_uploads(call: &mut Call<'_>, input: &Input) -> Outcome {
    let bucket = find(call, input)?;
    let prefix = input.text("Prefix").unwrap_or_default();
    let most =
        input.integer("MaxUploads").and_then(|most| usize::try_from(most).ok()).unwrap_or(1000).min(1000);
    let (key_marker, id_marker) =
        (input.text("KeyMarker").unwrap_or_default(), input.text("UploadIdMarker").unwrap_or_default());
    let mut uploads: Vec<(&str, &Upload)> = bucket.uploads.iter().collect();
    uploads.sort_by_key(|(id, upload)| (upload.key.clone(), (*id).to_owned()));
    let mut rest = uploads.into_iter().filter(|(id, upload)| {
        upload.key.starts_with(prefix) && (upload.key.as_str(), *id) > (key_marker, id_marker)
    });
    let shown: Vec<(Value, String, String)> = rest
        .by_ref()
        .take(most)
        .map(|(id, upload)| {
            let row = json!({
                "UploadId": id, "Key": spelt(input, &upload.key), "Initiated": upload.initiated.value(),
                "StorageClass": "STANDARD",
            });
            (row, upload.key.clone(), id.to_owned())
        })
        .collect();
    let truncated = rest.next().is_some();
    let last = shown.last().filter(|_| truncated);
    Ok(json!({
        "Bucket": input.str("Bucket"), "Prefix": spelt(input, prefix), "MaxUploads": most, "IsTruncated": truncated,
        "KeyMarker": key_marker, "UploadIdMarker": id_marker, "EncodingType": input.text("EncodingType"),
        "NextKeyMarker": last.map(|(_, key, _)| spelt(input, key)), "NextUploadIdMarker": last.map(|(.., id)| id),
        "Uploads": shown.iter().map(|(row, ..)| row).collect::<Vec<_>>(),
    })
    .into())
}
