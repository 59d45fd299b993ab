//! Lists of objects and of versions.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::bucket::find;
use super::state::ObjectVersion;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// A key as the request wants it spelt.
pub(super) fn spelt(input: &Input, key: &str) -> String {
    if input.text("EncodingType") == Some("url") {
        utf8_percent_encode(key, PLAIN).to_string()
    } else {
        key.to_owned()
    }
}

/// The common prefix that a key falls under, if the request groups by a delimiter.
pub(super) fn group(key: &str, prefix: &str, delimiter: Option<&str>) -> Option<String> {
    let delimiter = delimiter.filter(|text| !text.is_empty())?;
    let rest = key.strip_prefix(prefix)?;
    rest.split_once(delimiter).map(|(first, _)| format!("{prefix}{first}{delimiter}"))
}

fn most(input: &Input, member: &str) -> usize {
    input.integer(member).and_then(|most| usize::try_from(most).ok()).unwrap_or(1000).min(1000)
}

/// The token of the next page is the last key or prefix that was shown.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(super) fn list_objects_v2(call: &mut Call<'_>, input: &Input) -> Outcome {
    let bucket = find(call, input)?;
    let (prefix, delimiter) = (input.text("Prefix").unwrap_or_default(), input.text("Delimiter"));
    let most = most(input, "MaxKeys");
    let token = input.text("ContinuationToken");
    let after = token.or(input.text("StartAfter")).unwrap_or_default();
    let owner = (input.flag("FetchOwner") == Some(true)).then(|| json!({ "ID": call.account }));
    let (mut contents, mut prefixes) = (Vec::new(), Vec::<String>::new());
    let (mut last, mut truncated) = (String::new(), false);
    for (key, versions) in bucket.objects.iter() {
        let Some(version) = versions.last().filter(|version| !version.marker) else { continue };
        if !key.starts_with(prefix) {
            continue;
        }
        let common = group(key, prefix, delimiter);
        let place = common.as_deref().unwrap_or(key);
        if place <= after || prefixes.last().is_some_and(|known| known == place) {
            continue;
        }
        if contents.len() + prefixes.len() == most {
            truncated = true;
            break;
        }
        last = place.to_owned();
        match common {
            Some(common) => prefixes.push(common),
            None => contents.push(json!({
                "Key": spelt(input, key), "LastModified": version.modified.value(), "ETag": version.etag,
                "Size": version.size, "StorageClass": "STANDARD", "Owner": owner,
            })),
        }
    }
    let common: Vec<Value> =
        prefixes.iter().map(|prefix| json!({ "Prefix": spelt(input, prefix) })).collect();
    Ok(json!({
        "Name": input.str("Bucket"), "Prefix": spelt(input, prefix), "Delimiter": delimiter, "MaxKeys": most,
        "KeyCount": contents.len() + common.len(), "IsTruncated": truncated, "Contents": contents,
        "CommonPrefixes": common, "ContinuationToken": token, "StartAfter": input.text("StartAfter"),
        "NextContinuationToken": truncated.then_some(last), "EncodingType": input.text("EncodingType"),
    })
    .into())
}

fn version_row(input: &Input, key: &str, version: &ObjectVersion, latest: bool, owner: &str) -> Value {
    let mut row = Map::new();
    row.insert("Key".into(), spelt(input, key).into());
    row.insert("VersionId".into(), version.id.as_str().into());
    row.insert("IsLatest".into(), latest.into());
    row.insert("LastModified".into(), version.modified.value());
    row.insert("Owner".into(), json!({ "ID": owner }));
    if !version.marker {
        row.insert("ETag".into(), version.etag.as_str().into());
        row.insert("Size".into(), version.size.into());
        row.insert("StorageClass".into(), "STANDARD".into());
    }
    Value::Object(row)
}

/// Newest versions of a key first.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>
pub(super) fn list_object_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let bucket = find(call, input)?;
    let (prefix, delimiter) = (input.text("Prefix").unwrap_or_default(), input.text("Delimiter"));
    let most = most(input, "MaxKeys");
    let (key_marker, id_marker) = (input.text("KeyMarker"), input.text("VersionIdMarker"));
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::<String>::new());
    let mut next: Option<(String, Option<String>)> = None;
    let mut truncated = false;
    'keys: for (key, all) in bucket.objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let common = group(key, prefix, delimiter);
        let mut skipping = match key_marker {
            Some(marker) if key < marker => continue,
            Some(marker) if key == marker => match id_marker {
                Some(_) => true,
                None => continue,
            },
            _ => false,
        };
        for (at, version) in all.iter().rev().enumerate() {
            if skipping {
                skipping = id_marker != Some(version.id.as_str());
                continue;
            }
            let known = common.as_ref().is_some_and(|common| prefixes.contains(common));
            if !known && versions.len() + markers.len() + prefixes.len() == most {
                truncated = true;
                break 'keys;
            }
            match &common {
                Some(common) if !known => prefixes.push(common.clone()),
                Some(_) => {}
                None => {
                    let row = version_row(input, key, version, at == 0, &call.account);
                    if version.marker { markers.push(row) } else { versions.push(row) }
                }
            }
            next = Some((key.to_owned(), common.is_none().then(|| version.id.clone())));
        }
    }
    let next = next.filter(|_| truncated);
    let common: Vec<Value> =
        prefixes.iter().map(|prefix| json!({ "Prefix": spelt(input, prefix) })).collect();
    Ok(json!({
        "Name": input.str("Bucket"), "Prefix": spelt(input, prefix), "Delimiter": delimiter, "MaxKeys": most,
        "KeyMarker": key_marker.unwrap_or_default(), "VersionIdMarker": id_marker.unwrap_or_default(),
        "IsTruncated": truncated, "Versions": versions, "DeleteMarkers": markers, "CommonPrefixes": common,
        "NextKeyMarker": next.as_ref().map(|(key, _)| spelt(input, key)),
        "NextVersionIdMarker": next.and_then(|(_, id)| id), "EncodingType": input.text("EncodingType"),
    })
    .into())
}
