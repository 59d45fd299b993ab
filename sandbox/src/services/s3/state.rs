//! What S3 knows of one account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Time;
use crate::world::{Table, Tags};

/// S3's part of an account: buckets by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The buckets.
    pub buckets: Table<Bucket>,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its region.
    pub region: String,
    /// When it was made.
    pub created: Time,
    /// `Enabled`, `Suspended`, or nothing for a bucket that was never versioned.
    pub versioning: Option<String>,
    /// The default encryption, as it is shown.
    pub encryption: Value,
    /// The public access block.
    pub public_access: Option<Value>,
    /// Its tags.
    pub tags: Tags,
    /// The bucket policy.
    pub policy: Option<String>,
    /// The lifecycle rules.
    pub lifecycle: Option<Value>,
    /// Versions of the objects by key, oldest first. A key has a row as long as it has a version.
    pub objects: Table<Vec<ObjectVersion>>,
    /// Multipart uploads by id.
    pub uploads: Table<Upload>,
}

/// A version of an object, or a delete marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// The version id; `null` in a bucket without versioning.
    pub id: String,
    /// True for a delete marker.
    pub marker: bool,
    /// The bytes, as a blob.
    pub blob: String,
    /// How many bytes.
    pub size: u64,
    /// The entity tag, with its quotation marks.
    pub etag: String,
    /// When it was written.
    pub modified: Time,
    /// What comes back as it came: content type, checksums, encryption, by output member.
    pub shown: BTreeMap<String, Value>,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A multipart upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The key.
    pub key: String,
    /// When it began.
    pub initiated: Time,
    /// Blob, size and entity tag of each part.
    pub parts: BTreeMap<i64, (String, u64, String)>,
    /// What the object will show.
    pub shown: BTreeMap<String, Value>,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
}

impl Bucket {
    /// The current version of a key, if that is no delete marker.
    pub fn current(&self, key: &str) -> Option<&ObjectVersion> {
        self.objects.get(key)?.last().filter(|version| !version.marker)
    }
}
