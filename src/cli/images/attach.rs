//! What is attached to images: bills of materials, signatures.

use std::sync::Arc;

use super::place::Place;
use super::prepare::Finished;
use crate::cli::connect::call_problem;
use crate::cli::context::Environment;
use crate::image::{Blob, Referrer, signature_payload};
use crate::provider::aws::{Aws, kms};
use crate::provider::registry::{Attachment, Homes, Part, Registry, RegistryError};
use crate::ui::Problem;

/// What tells by which key an image is signed.
const KEY: &str = "platctl.signing-key";

/// Signs by a key of KMS.
pub(super) struct Signer {
    aws: Aws,
    key: String,
    algorithm: kms::Algorithm,
}

impl Signer {
    /// The one that is configured.
    pub(super) async fn find(environment: &Environment, place: &Place) -> Result<Option<Self>, Problem> {
        let key = &environment.loaded.platform.settings.images.signing_key;
        let (Some(key), Some(aws)) = (key, &place.aws) else { return Ok(None) };
        let found = kms::signing_key(aws, key).await.map_err(|error| call_problem(&error))?;
        Ok(Some(Self { aws: aws.clone(), key: found.0, algorithm: found.1 }))
    }
}

/// A blob as the registry takes it.
pub(super) fn part(blob: &Blob) -> Part {
    let owned = blob.clone();
    let descriptor = &blob.descriptor;
    Part {
        media_type: descriptor.media_type.clone(),
        digest: descriptor.digest.to_string(),
        size: descriptor.size,
        open: Arc::new(move || owned.read().map_err(|error| error.to_string())),
    }
}

/// Attaches what belongs to an image and is not attached yet; tells what it did.
pub(super) async fn attach(
    registry: &Registry,
    (repository, finished): (&str, &Finished),
    (homes, signer): (&Homes, Option<&Signer>),
) -> Result<Vec<String>, RegistryError> {
    let image = &finished.built.image;
    let mut told = Vec::new();
    for (platform, document) in &finished.built.materials {
        let Some(one) = image.platforms.get(platform) else { continue };
        let subject = &one.manifest.descriptor;
        let attachment = attachment(&Referrer::materials(subject, document), Vec::new());
        if registry.attach((repository, subject.digest.as_str()), &attachment, homes).await? {
            told.push(format!("bill of materials of {platform} attached"));
        }
    }
    if let Some(signer) = signer
        && sign(registry, (repository, finished), (homes, signer)).await?
    {
        told.push(format!("signed by {}", signer.key));
    }
    Ok(told)
}

/// Signs an image that this key has not signed yet.
async fn sign(
    registry: &Registry,
    (repository, finished): (&str, &Finished),
    (homes, signer): (&Homes, &Signer),
) -> Result<bool, RegistryError> {
    let subject = &finished.built.image.root.descriptor;
    let digest = subject.digest.as_str();
    let ours = (KEY.to_owned(), signer.key.clone());
    let signed = registry.attached(repository, digest, Referrer::SIGNATURE).await?;
    if signed.iter().any(|(_, annotations)| annotations.contains(&ours)) {
        return Ok(false);
    }
    let name = format!("{}/{repository}", registry.host());
    let payload = signature_payload(&name, &subject.digest);
    let signature = kms::sign(&signer.aws, &signer.key, &signer.algorithm, &payload).await;
    let signature = signature.map_err(RegistryError::Login)?;
    let referrer = Referrer::signature(subject, payload, (&signature.base64, (KEY, &signer.key)));
    registry.attach((repository, digest), &attachment(&referrer, vec![ours]), homes).await
}

fn attachment(referrer: &Referrer, annotations: Vec<(String, String)>) -> Attachment {
    Attachment {
        artifact_type: referrer.artifact_type.clone(),
        manifest: part(&referrer.manifest),
        blobs: referrer.blobs.iter().map(part).collect(),
        annotations,
    }
}
