//! What ECR knows of one region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Time;
use crate::world::{Table, Tags};

/// ECR's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Repositories by name.
    pub repositories: Table<Repository>,
    /// Uploads under way, by id.
    pub uploads: Table<Upload>,
    /// True for enhanced scanning.
    pub enhanced: bool,
    /// The scanning rules of the registry.
    pub rules: Option<Value>,
    /// Whether its images are pulled from this machine's loopback, with no login: see [`super::open_registry`].
    pub open: bool,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Its ARN.
    pub arn: String,
    /// `MUTABLE`, `IMMUTABLE` or one of them with exclusions.
    pub mutability: String,
    /// The exclusions.
    pub exclusions: Option<Value>,
    /// Whether a push begins a scan.
    pub scan_on_push: bool,
    /// How it is encrypted, as it is shown.
    pub encryption: Value,
    /// Its tags.
    pub tags: Tags,
    /// The lifecycle policy.
    pub lifecycle: Option<String>,
    /// The access policy.
    pub policy: Option<String>,
    /// Sizes of the layers (and configurations) by digest. Their bytes are blobs.
    pub layers: BTreeMap<String, u64>,
    /// Images by digest.
    pub images: BTreeMap<String, Image>,
    /// Findings that a scan of any image will have.
    pub seeded: Option<Value>,
    /// When it was made.
    pub created: Time,
}

/// An image: its manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The manifest, byte for byte.
    pub manifest: String,
    /// Its media type.
    pub media_type: String,
    /// The type of the artifact, or of the configuration.
    pub artifact_type: Option<String>,
    /// The digest of the manifest it belongs to.
    pub subject: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Bytes of its layers and its configuration.
    pub size: u64,
    /// When it was pushed.
    pub pushed: Time,
    /// Its newest scan.
    pub scan: Option<Scan>,
}

/// A scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// `IN_PROGRESS`, `COMPLETE`, `UNSUPPORTED_IMAGE`, `ACTIVE`.
    pub status: String,
    /// When it ended.
    pub completed: Option<Time>,
}

/// An upload of a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// The repository.
    pub repository: String,
    /// The parts so far, as blobs.
    pub parts: Vec<String>,
    /// Bytes so far.
    pub received: u64,
}
