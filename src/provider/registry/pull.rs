//! Pulling images that others are built on.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use oci_client::Reference;
use oci_client::manifest::OciDescriptor;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::client::Registry;
use super::error::RegistryError;

const TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
/// More than any configuration or layer that one would build on; what is larger is refused.
const MAX_BYTES: u64 = 2 << 30;

/// An image as one platform has it.
#[derive(Clone, Debug)]
pub struct PulledImage {
    /// Its configuration.
    pub config: Value,
    /// Its layers, from the bottom.
    pub layers: Vec<PulledLayer>,
}

/// A layer.
#[derive(Clone, Debug)]
pub struct PulledLayer {
    /// How it is packed.
    pub media_type: String,
    /// Its bytes, which have the digest that the manifest promises.
    pub bytes: Bytes,
}

/// `registry/name@sha256:…`, taken apart: host, repository, digest.
///
/// # Errors
/// It is none, or has no digest.
pub fn by_digest(text: &str) -> Result<(String, String, String), RegistryError> {
    let wrong = |why: String| RegistryError::Reference { reference: text.to_owned(), why };
    let reference: Reference = text.parse().map_err(|error| wrong(format!("{error}")))?;
    let digest = reference.digest().ok_or_else(|| wrong("it has no digest".to_owned()))?;
    Ok((reference.resolve_registry().to_owned(), reference.repository().to_owned(), digest.to_owned()))
}

impl Registry {
    /// The image of a digest for a processor (`amd64`).
    ///
    /// # Errors
    /// It is not there, not for that processor, or not what its digests promise.
    pub async fn pull(
        &self,
        repository: &str,
        digest: &str,
        architecture: &str,
    ) -> Result<PulledImage, RegistryError> {
        let mut manifest = self.manifest(repository, digest).await?;
        if let Some(listed) = manifest["manifests"].as_array() {
            let fits = |entry: &&Value| {
                entry["platform"]["os"] == "linux" && entry["platform"]["architecture"] == architecture
            };
            let chosen = listed.iter().find(fits).and_then(|entry| entry["digest"].as_str());
            let unusable = || RegistryError::Unusable {
                what: format!("{}/{repository}@{digest}", self.host()),
                why: format!("it is not for linux/{architecture}"),
            };
            manifest = self.manifest(repository, chosen.ok_or_else(unusable)?).await?;
        }
        let config = self.blob(repository, &manifest["config"]).await?;
        let config: Value =
            serde_json::from_slice(&config.bytes).map_err(|error| RegistryError::Unusable {
                what: format!("the configuration of {}/{repository}@{digest}", self.host()),
                why: error.to_string(),
            })?;
        let mut layers = Vec::new();
        for layer in manifest["layers"].as_array().into_iter().flatten() {
            layers.push(self.blob(repository, layer).await?);
        }
        Ok(PulledImage { config, layers })
    }

    /// A manifest whose bytes have the digest.
    async fn manifest(&self, repository: &str, digest: &str) -> Result<Value, RegistryError> {
        let reference = self.reference(repository, digest);
        let what = reference.to_string();
        let (bytes, _) = self
            .call(&what, |session| {
                let reference = reference.clone();
                async move { session.client.pull_manifest_raw(&reference, &session.auth, &TYPES).await }
            })
            .await?;
        check(&what, digest, &bytes)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| RegistryError::Unusable { what, why: error.to_string() })
    }

    async fn blob(&self, repository: &str, descriptor: &Value) -> Result<PulledLayer, RegistryError> {
        let text = |name: &str| descriptor[name].as_str().unwrap_or_default().to_owned();
        let (media_type, digest) = (text("mediaType"), text("digest"));
        let size = descriptor["size"].as_u64().filter(|size| *size <= MAX_BYTES);
        let what = format!("{}/{repository}@{digest}", self.host());
        let Some(size) = size else {
            return Err(RegistryError::Unusable {
                what,
                why: "its size is not told, or too much".to_owned(),
            });
        };
        let image = self.reference(repository, "latest");
        let wanted = OciDescriptor {
            media_type: media_type.clone(),
            digest: digest.clone(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            ..OciDescriptor::default()
        };
        let bytes = self
            .call(&what, |session| {
                let (image, wanted) = (image.clone(), wanted.clone());
                async move {
                    let mut stream = session.client.pull_blob_stream(&image, &wanted).await?.stream;
                    let mut bytes = Vec::new();
                    while let Some(chunk) = stream.try_next().await? {
                        // One byte more than promised is enough to be refused below.
                        if bytes.len() as u64 > size {
                            break;
                        }
                        bytes.extend_from_slice(&chunk);
                    }
                    Ok(bytes)
                }
            })
            .await?;
        check(&what, &digest, &bytes)?;
        Ok(PulledLayer { media_type, bytes: bytes.into() })
    }
}

/// Bytes have the digest that was promised.
fn check(what: &str, wanted: &str, bytes: &[u8]) -> Result<(), RegistryError> {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let found = format!("sha256:{hex}");
    if found == wanted {
        return Ok(());
    }
    Err(RegistryError::Digest { what: what.to_owned(), wanted: wanted.to_owned(), found })
}
