//! What is attached to an image: manifests that refer to it by digest.
//!
//! ("Guidelines for Artifact Usage", OCI Image Format Specification, v1.1; "Simple Signing", cosign.)

use serde_json::{Value, json};

use super::assemble::MANIFEST;
use super::blob::{Blob, Descriptor};
use super::digest::Digest;

const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// Something attached to an image.
#[derive(Clone, Debug)]
pub struct Referrer {
    /// Its type, by which it is found.
    pub artifact_type: String,
    /// The manifest that names the image as its subject.
    pub manifest: Blob,
    /// What the manifest lists.
    pub blobs: Vec<Blob>,
}

impl Referrer {
    /// What cosign calls its signatures.
    pub const SIGNATURE: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";

    /// A bill of materials of the image `subject`.
    pub fn materials(subject: &Descriptor, document: &Blob) -> Self {
        let layer = json!(document.descriptor);
        Self::new((subject, &document.descriptor.media_type), (document.clone(), layer), None)
    }

    /// A signature of the image `subject`: base64 of what a key made of [`signature_payload`], and an annotation
    /// that tells the key.
    pub fn signature(subject: &Descriptor, payload: Vec<u8>, (signature, key): (&str, (&str, &str))) -> Self {
        let payload = Blob::new(SIMPLE_SIGNING, payload);
        let mut layer = json!(payload.descriptor);
        layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature });
        Self::new((subject, Self::SIGNATURE), (payload, layer), Some(json!({ key.0: key.1 })))
    }

    fn new(
        (subject, artifact_type): (&Descriptor, &str),
        (blob, layer): (Blob, Value),
        annotations: Option<Value>,
    ) -> Self {
        let empty = Blob::new(EMPTY, "{}");
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": empty.descriptor,
            "layers": [layer],
            "subject": subject,
        });
        if let Some(annotations) = annotations {
            manifest["annotations"] = annotations;
        }
        let manifest = Blob::new(MANIFEST, manifest.to_string());
        Self { artifact_type: artifact_type.to_owned(), manifest, blobs: vec![empty, blob] }
    }
}

/// What is signed: that a digest is known under a name.
/// (<https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>)
pub fn signature_payload(repository: &str, digest: &Digest) -> Vec<u8> {
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": repository },
            "image": { "docker-manifest-digest": digest.as_str() },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    payload.to_string().into_bytes()
}
