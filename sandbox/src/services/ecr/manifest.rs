//! Image manifests: what they name.

use serde_json::Value;

use super::state::Repository;
use crate::blobs::hex_digest;

/// A manifest that was read.
pub(super) struct Manifest {
    /// `sha256:…` of the text.
    pub(super) digest: String,
    /// Its media type.
    pub(super) media_type: String,
    /// Digests of configuration and layers.
    pub(super) layers: Vec<String>,
    /// Digests of the manifests of an index.
    pub(super) manifests: Vec<String>,
    /// Bytes of configuration and layers.
    pub(super) size: u64,
    /// The type of the artifact, or of the configuration.
    pub(super) artifact_type: Option<String>,
    /// What it refers to.
    pub(super) subject: Option<String>,
}

/// Reads a manifest or an index of Docker or OCI; `None` when it is neither.
pub(super) fn read(text: &str, media_type: Option<&str>) -> Option<Manifest> {
    let value: Value = serde_json::from_str(text).ok()?;
    if value["schemaVersion"] != 2 {
        return None;
    }
    let is_index = value.get("manifests").is_some();
    let otherwise = if is_index {
        "application/vnd.oci.image.index.v1+json"
    } else {
        "application/vnd.oci.image.manifest.v1+json"
    };
    let named = value["mediaType"].as_str().or(media_type).unwrap_or(otherwise).to_owned();
    let parts: Vec<&Value> =
        value.get("config").into_iter().chain(value["layers"].as_array().into_iter().flatten()).collect();
    if !is_index && value.get("config").is_none() {
        return None;
    }
    let digests = |parts: &[&Value]| -> Vec<String> {
        parts.iter().filter_map(|part| part["digest"].as_str().map(str::to_owned)).collect()
    };
    let inner: Vec<&Value> = value["manifests"].as_array().into_iter().flatten().collect();
    Some(Manifest {
        digest: format!("sha256:{}", hex_digest(text.as_bytes())),
        media_type: named,
        layers: digests(&parts),
        manifests: digests(&inner),
        size: parts.iter().chain(&inner).filter_map(|part| part["size"].as_u64()).sum(),
        artifact_type: value["artifactType"]
            .as_str()
            .or_else(|| value["config"]["mediaType"].as_str())
            .map(str::to_owned),
        subject: value["subject"]["digest"].as_str().map(str::to_owned),
    })
}

impl Manifest {
    /// The layers that the repository does not have.
    pub(super) fn missing_layers(&self, repository: &Repository) -> Vec<String> {
        self.layers.iter().filter(|digest| !repository.layers.contains_key(*digest)).cloned().collect()
    }

    /// The manifests of an index that the repository does not have.
    pub(super) fn missing_manifests(&self, repository: &Repository) -> Vec<String> {
        self.manifests.iter().filter(|digest| !repository.images.contains_key(*digest)).cloned().collect()
    }
}
