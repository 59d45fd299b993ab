//! Content and what is said of it.

use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::error::Error;

/// What a manifest says of a piece of content. ("Content Descriptors", OCI Image Format Specification.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size, in bytes.
    pub size: u64,
}

/// A piece of content, in memory or on disk.
#[derive(Clone, Debug)]
pub struct Blob {
    /// What is said of it.
    pub descriptor: Descriptor,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(Bytes),
    File(PathBuf),
}

impl Blob {
    /// Content in memory.
    pub fn new(media_type: impl Into<String>, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let digest = Digest::of(&content);
        let descriptor = Descriptor { media_type: media_type.into(), digest, size: content.len() as u64 };
        Self { descriptor, content: Content::Bytes(content) }
    }

    /// Content in a file, which has to be as described when it is read.
    pub(super) fn file(descriptor: Descriptor, path: PathBuf) -> Self {
        Self { descriptor, content: Content::File(path) }
    }

    /// The bytes.
    ///
    /// # Errors
    /// They cannot be read, or are not those that the digest stands for.
    pub fn read(&self) -> Result<Bytes, Error> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::File(path) => {
                let bytes = std::fs::read(path).map_err(|source| Error::disk(path, source))?;
                if Digest::of(&bytes) != self.descriptor.digest {
                    return Err(Error::Damaged { path: path.clone() });
                }
                Ok(bytes.into())
            }
        }
    }
}
