//! What is attached to images: by the referrers API, or by the tag that stands in for it.
//!
//! ("Listing Referrers" and "Referrers Tag Schema", OCI Distribution Specification, v1.1.)

use serde_json::{Value, json};

use super::client::Registry;
use super::error::RegistryError;
use super::push::{Homes, Part};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Something to attach to an image.
#[derive(Clone)]
pub struct Attachment {
    /// Its type.
    pub artifact_type: String,
    /// The manifest, which names the image as its subject.
    pub manifest: Part,
    /// What the manifest lists.
    pub blobs: Vec<Part>,
    /// What lists of referrers say of it.
    pub annotations: Vec<(String, String)>,
}

impl Registry {
    /// What is attached to an image under a type: digests and annotations.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub async fn attached(
        &self,
        repository: &str,
        subject: &str,
        artifact_type: &str,
    ) -> Result<Vec<(String, Vec<(String, String)>)>, RegistryError> {
        let image = self.reference(repository, subject);
        let what = image.to_string();
        let index = self.call(&what, |session| {
            let image = image.clone();
            async move { session.client.pull_referrers(&image, Some(artifact_type)).await }
        });
        let entries = match index.await {
            Ok(index) => index.manifests,
            Err(RegistryError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        // A registry need not filter: what it says of the type counts.
        let of_type = entries
            .into_iter()
            .filter(|entry| entry.artifact_type.as_deref().is_none_or(|found| found == artifact_type));
        Ok(of_type.map(|entry| (entry.digest, entry.annotations.into_iter().flatten().collect())).collect())
    }

    /// Attaches something to an image; false when it was attached already.
    ///
    /// # Errors
    /// The registry does not take it.
    pub async fn attach(
        &self,
        (repository, subject): (&str, &str),
        attachment: &Attachment,
        homes: &Homes,
    ) -> Result<bool, RegistryError> {
        let digest = &attachment.manifest.digest;
        if self.lists(repository, subject, attachment).await? {
            return Ok(false);
        }
        self.push_blobs(repository, &attachment.blobs, homes).await?;
        self.put_manifest(repository, digest, &attachment.manifest).await?;
        // A registry that knows referrers lists it by now; for one that does not, we keep the list.
        if !self.lists(repository, subject, attachment).await? {
            self.list_by_tag(repository, subject, attachment).await?;
        }
        Ok(true)
    }

    async fn lists(
        &self,
        repository: &str,
        subject: &str,
        attachment: &Attachment,
    ) -> Result<bool, RegistryError> {
        let listed = self.attached(repository, subject, &attachment.artifact_type).await?;
        Ok(listed.iter().any(|(digest, _)| *digest == attachment.manifest.digest))
    }

    async fn list_by_tag(
        &self,
        repository: &str,
        subject: &str,
        attachment: &Attachment,
    ) -> Result<(), RegistryError> {
        let tag = subject.replace(':', "-");
        let reference = self.reference(repository, &tag);
        let found = self
            .call(&reference.to_string(), |session| {
                let reference = reference.clone();
                async move { session.client.pull_manifest_raw(&reference, &session.auth, &[INDEX]).await }
            })
            .await;
        let mut index: Value = match found {
            Ok((bytes, _)) => serde_json::from_slice(&bytes).map_err(|error| RegistryError::Unusable {
                what: reference.to_string(),
                why: error.to_string(),
            })?,
            Err(RegistryError::NotFound { .. }) => {
                json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] })
            }
            Err(error) => return Err(error),
        };
        let manifest = &attachment.manifest;
        let mut entry = json!({
            "mediaType": manifest.media_type,
            "digest": manifest.digest,
            "size": manifest.size,
            "artifactType": attachment.artifact_type,
        });
        if !attachment.annotations.is_empty() {
            entry["annotations"] = attachment.annotations.iter().cloned().collect();
        }
        if let Some(entries) = index["manifests"].as_array_mut() {
            entries.push(entry);
        }
        let bytes = bytes::Bytes::from(index.to_string());
        let part = Part {
            media_type: INDEX.to_owned(),
            digest: String::new(),
            size: bytes.len() as u64,
            open: std::sync::Arc::new(move || Ok(bytes.clone())),
        };
        self.put_manifest(repository, &tag, &part).await
    }
}
