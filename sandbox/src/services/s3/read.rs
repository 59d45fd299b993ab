//! Reading objects.

use bytes::Bytes;
use serde_json::{Value, json};

use super::bucket::find;
use super::object::no_key;
use super::state::ObjectVersion;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The version that a read means, after its conditions.
fn asked(call: &Call<'_>, input: &Input) -> Result<(ObjectVersion, bool), Failure> {
    let bucket = find(call, input)?;
    let key = input.str("Key");
    let versions = bucket.objects.get(key).ok_or_else(|| no_key(key))?;
    let version = match input.text("VersionId") {
        None => versions.last().filter(|version| !version.marker).ok_or_else(|| no_key(key))?,
        Some(id) => versions.iter().find(|version| version.id == id).ok_or_else(|| {
            let text = "The specified version does not exist.";
            Failure::new("NoSuchVersion", text).status(404).with("Key", key).with("VersionId", id)
        })?,
    };
    if version.marker {
        let text = "The specified method is not allowed against this resource.";
        return Err(Failure::new("MethodNotAllowed", text).status(405));
    }
    let bare = |tag: &str| tag.trim_matches('"').to_owned();
    let is_same = |tag: &str| tag == "*" || bare(tag) == bare(&version.etag);
    if input.text("IfMatch").is_some_and(|tag| !is_same(tag)) {
        let text = "At least one of the pre-conditions you specified did not hold";
        return Err(Failure::new("PreconditionFailed", text).status(412));
    }
    if input.text("IfNoneMatch").is_some_and(is_same) {
        return Err(Failure::new("NotModified", "Not Modified").status(304));
    }
    Ok((version.clone(), bucket.versioning.is_some()))
}

/// The byte range of a request, first and last, within `size` bytes.
fn range(input: &Input, size: u64) -> Result<Option<(u64, u64)>, Failure> {
    let Some(text) = input.text("Range") else { return Ok(None) };
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) => (first, size.saturating_sub(1)),
        (Err(_), Ok(length)) => (size.saturating_sub(length), size.saturating_sub(1)),
        _ => return Ok(None),
    };
    if range.0 >= size || range.0 > range.1 {
        let failure = Failure::new("InvalidRange", "The requested range is not satisfiable").status(416);
        return Err(failure.with("RangeRequested", text));
    }
    Ok(Some(range))
}

fn show(input: &Input, version: &ObjectVersion, versioned: bool) -> Value {
    let mut answer = json!({
        "AcceptRanges": "bytes", "LastModified": version.modified.value(), "ContentLength": version.size,
        "ETag": version.etag, "VersionId": versioned.then_some(&version.id), "Metadata": version.metadata,
    });
    let checksums = input.text("ChecksumMode") == Some("ENABLED");
    for (member, value) in &version.shown {
        if checksums || !member.starts_with("Checksum") {
            answer[member] = value.clone();
        }
    }
    answer
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
pub(super) fn head_object(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (version, versioned) = asked(call, input)?;
    Ok(show(input, &version, versioned).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) fn get_object(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (version, versioned) = asked(call, input)?;
    let mut answer = show(input, &version, versioned);
    let bytes =
        call.blobs.get(&version.blob).ok_or_else(|| Failure::internal("the object's bytes are gone"))?;
    let Some((first, last)) = range(input, version.size)? else {
        return Ok(Answer::with_payload(answer, bytes));
    };
    answer["ContentRange"] = format!("bytes {first}-{last}/{}", version.size).into();
    answer["ContentLength"] = (last - first + 1).into();
    let part: Bytes = bytes.slice(usize::try_from(first).unwrap_or(0)..=usize::try_from(last).unwrap_or(0));
    Ok(Answer { status: Some(206), ..Answer::with_payload(answer, part) })
}
