//! Pushing images: blobs that are not there yet, then manifests, the tag last.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use oci_client::Reference;
use reqwest::header::HeaderValue;

use super::client::Registry;
use super::error::RegistryError;

/// Blobs on their way at once.
const AT_ONCE: usize = 4;

/// How the bytes of a part are had.
pub type Open = Arc<dyn Fn() -> Result<Bytes, String> + Send + Sync>;

/// A blob or a manifest to push.
#[derive(Clone)]
pub struct Part {
    /// What it is.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Its bytes, read when they are sent.
    pub open: Open,
}

/// An image to push.
#[derive(Clone)]
pub struct Push {
    /// The repository.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// Layers and configurations.
    pub blobs: Vec<Part>,
    /// The manifests that an index lists.
    pub manifests: Vec<Part>,
    /// What the tag is to stand for.
    pub root: Part,
}

/// What happened to blobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many were uploaded.
    pub uploaded: usize,
    /// Their bytes.
    pub bytes: u64,
    /// How many were taken over from another repository of the registry.
    pub mounted: usize,
    /// How many were there already.
    pub there: usize,
}

/// What a push came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The tag stood for this image already: nothing was sent.
    Unchanged,
    /// It stands for it now.
    Done(Sent),
}

/// Which repository of a registry has which blob, as far as pushes of this run told.
pub type Homes = Mutex<BTreeMap<String, String>>;

impl Registry {
    /// Pushes an image.
    ///
    /// # Errors
    /// The tag stands for another image, or the registry does not take it.
    pub async fn push(&self, push: &Push, homes: &Homes) -> Result<Pushed, RegistryError> {
        let (repository, tag) = (&push.repository, &push.tag);
        if self.is_tagged(repository, tag, &push.root).await? {
            return Ok(Pushed::Unchanged);
        }
        let sent = self.push_blobs(repository, &push.blobs, homes).await?;
        for manifest in &push.manifests {
            self.put_manifest(repository, &manifest.digest, manifest).await?;
        }
        self.put_tag(repository, tag, &push.root).await?;
        Ok(Pushed::Done(sent))
    }

    /// Sees to it that a tag stands for an image that the repository holds.
    ///
    /// # Errors
    /// The tag stands for another image, or the registry does not take it.
    pub async fn tag(&self, repository: &str, tag: &str, root: &Part) -> Result<(), RegistryError> {
        if self.is_tagged(repository, tag, root).await? {
            return Ok(());
        }
        self.put_tag(repository, tag, root).await
    }

    /// Whether a tag stands for the image already; it must not stand for another.
    async fn is_tagged(&self, repository: &str, tag: &str, root: &Part) -> Result<bool, RegistryError> {
        match self.digest_of(repository, tag).await? {
            Some(digest) if digest == root.digest => Ok(true),
            Some(digest) => Err(self.taken((repository, tag), digest, root)),
            None => Ok(false),
        }
    }

    async fn put_tag(&self, repository: &str, tag: &str, root: &Part) -> Result<(), RegistryError> {
        match self.put_manifest(repository, tag, root).await {
            // ImageTagAlreadyExistsException of ECR, when somebody else was faster.
            Err(RegistryError::Status { status: 400 | 409, said, .. }) if said.contains("already exists") => {
                return Err(self.taken((repository, tag), "another image".to_owned(), root));
            }
            other => other?,
        }
        match self.digest_of(repository, tag).await? {
            Some(digest) if digest == root.digest => Ok(()),
            found => Err(RegistryError::Digest {
                what: format!("{}/{repository}:{tag}", self.host()),
                wanted: root.digest.clone(),
                found: found.unwrap_or_else(|| "none".to_owned()),
            }),
        }
    }

    fn taken(&self, (repository, tag): (&str, &str), found: String, root: &Part) -> RegistryError {
        let image = format!("{}/{repository}:{tag}", self.host());
        RegistryError::TagTaken { image, found, wanted: root.digest.clone() }
    }

    /// Sees to it that a repository has some blobs.
    pub(super) async fn push_blobs(
        &self,
        repository: &str,
        blobs: &[Part],
        homes: &Homes,
    ) -> Result<Sent, RegistryError> {
        let parts = blobs.iter().cloned();
        let each = parts.map(|part| async move { self.push_blob(repository, &part, homes).await });
        let all: Vec<Sent> = stream::iter(each).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(all.into_iter().fold(Sent::default(), |sum, one| Sent {
            uploaded: sum.uploaded + one.uploaded,
            bytes: sum.bytes + one.bytes,
            mounted: sum.mounted + one.mounted,
            there: sum.there + one.there,
        }))
    }

    async fn push_blob(&self, repository: &str, part: &Part, homes: &Homes) -> Result<Sent, RegistryError> {
        let what = format!("{}/{repository}@{}", self.host(), part.digest);
        let (image, digest) = (self.reference(repository, "latest"), part.digest.as_str());
        let there = self.call(&what, |session| {
            let image = image.clone();
            async move { session.client.blob_exists(&image, digest).await }
        });
        let sent = if there.await? {
            Sent { there: 1, ..Sent::default() }
        } else if self.mount(&image, digest, homes).await? {
            Sent { mounted: 1, ..Sent::default() }
        } else {
            let bytes = (part.open)().map_err(RegistryError::Content)?;
            let upload = self.call(&what, |session| {
                let (image, bytes) = (image.clone(), bytes.clone());
                async move { session.client.push_blob(&image, bytes, digest).await }
            });
            upload.await?;
            Sent { uploaded: 1, bytes: bytes.len() as u64, ..Sent::default() }
        };
        lock(homes).entry(part.digest.clone()).or_insert_with(|| repository.to_owned());
        Ok(sent)
    }

    /// Takes a blob over from a repository that has it, where the registry allows that.
    async fn mount(&self, image: &Reference, digest: &str, homes: &Homes) -> Result<bool, RegistryError> {
        let home = lock(homes).get(digest).filter(|home| *home != image.repository()).cloned();
        let Some(home) = home else { return Ok(false) };
        let session = self.session(None).await?;
        Ok(session.client.mount_blob(image, &self.reference(&home, "latest"), digest).await.is_ok())
    }

    pub(super) async fn put_manifest(
        &self,
        repository: &str,
        tag_or_digest: &str,
        manifest: &Part,
    ) -> Result<(), RegistryError> {
        let bytes = (manifest.open)().map_err(RegistryError::Content)?;
        let content_type = HeaderValue::from_str(&manifest.media_type)
            .map_err(|error| RegistryError::Content(error.to_string()))?;
        // A digest in the place of the tag gives the same address; the client expects a tag there when the
        // registry names no location (ECR).
        let image =
            Reference::with_tag(self.host().to_owned(), repository.to_owned(), tag_or_digest.to_owned());
        self.call(&format!("{}/{repository}:{tag_or_digest}", self.host()), |session| {
            let (image, bytes, content_type) = (image.clone(), bytes.clone(), content_type.clone());
            async move { session.client.push_manifest_raw(&image, bytes, content_type).await.map(|_| ()) }
        })
        .await
    }
}

fn lock(homes: &Homes) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
    homes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
