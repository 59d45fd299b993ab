//! Images: putting and taking them, for ECR's own API and for OCI's.

use super::manifest::Manifest;
use super::repository::row;
use super::scan;
use super::state::{Image, Repository};
use crate::wire::failure::Failure;
use crate::world::{Call, matches};

/// True when a tag of the repository cannot move.
fn is_fixed(repository: &Repository, tag: &str) -> bool {
    let excluded = repository.exclusions.as_ref().and_then(|list| list.as_array()).is_some_and(|filters| {
        filters.iter().any(|filter| matches(filter["filter"].as_str().unwrap_or_default(), tag))
    });
    repository.mutability.starts_with("IMMUTABLE") != excluded
}

/// Puts an image into a repository; the same image with the same tag again is refused, as is moving a fixed tag.
///
/// # Errors
/// ECR's errors, in the order in which it checks.
pub(super) fn put(
    call: &mut Call<'_>,
    name: &str,
    manifest: Manifest,
    (text, tag): (&str, Option<&str>),
) -> Result<(), Failure> {
    let (account, now) = (call.account.clone(), call.now);
    let repository = row(call, name)?;
    let absent = manifest.missing_layers(repository);
    if !absent.is_empty() {
        let text = format!(
            "Layers with digests '[{}]' required for pushing image into repository with name '{name}' in the registry with id '{account}' do not exist",
            absent.join(", ")
        );
        return Err(Failure::new("LayersNotFoundException", text));
    }
    let absent = manifest.missing_manifests(repository);
    if !absent.is_empty() {
        let text =
            format!("Images with digests '[{}]' required for pushing image do not exist", absent.join(", "));
        return Err(Failure::new("ReferencedImagesNotFoundException", text));
    }
    let holder = tag
        .and_then(|tag| repository.images.iter().find(|(_, image)| image.tags.iter().any(|one| one == tag)));
    let holder = holder.map(|(digest, _)| digest.clone());
    let known = repository.images.contains_key(&manifest.digest);
    if known && (tag.is_none() || holder.as_ref() == Some(&manifest.digest)) {
        let text = format!(
            "Image with digest '{}' and tag '{}' already exists in the repository with name '{name}' in registry with id '{account}'",
            manifest.digest,
            tag.unwrap_or("null")
        );
        return Err(Failure::new("ImageAlreadyExistsException", text));
    }
    if let (Some(tag), Some(holder)) = (tag, holder) {
        if is_fixed(repository, tag) {
            let text = format!(
                "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the tag is immutable."
            );
            return Err(Failure::new("ImageTagAlreadyExistsException", text));
        }
        if let Some(image) = repository.images.get_mut(&holder) {
            image.tags.retain(|one| one != tag);
        }
    }
    let digest = manifest.digest.clone();
    let image = repository.images.entry(digest.clone()).or_insert_with(|| Image {
        manifest: text.to_owned(),
        media_type: manifest.media_type,
        artifact_type: manifest.artifact_type,
        subject: manifest.subject,
        tags: Vec::new(),
        size: manifest.size,
        pushed: now,
        scan: None,
    });
    image.tags.extend(tag.map(str::to_owned));
    if !known && repository.scan_on_push {
        scan::begin(call, name, &digest);
    }
    Ok(())
}

/// The digest of the image with a tag or a digest.
pub(super) fn resolve(repository: &Repository, digest: Option<&str>, tag: Option<&str>) -> Option<String> {
    let tagged = |image: &Image| tag.is_none_or(|tag| image.tags.iter().any(|one| one == tag));
    match digest {
        Some(digest) => {
            repository.images.get(digest).filter(|image| tagged(image)).map(|_| digest.to_owned())
        }
        None => {
            tag?;
            repository.images.iter().find(|(_, image)| tagged(image)).map(|(digest, _)| digest.clone())
        }
    }
}
