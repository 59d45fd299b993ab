//! The calls about images.

use serde_json::{Value, json};

use super::repository::{RULES, find, find_mut};
use super::state::{Image, Repository};
use super::{image, manifest, scan};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Digest and tag of an image identifier.
fn identifier(entry: &Input) -> (Option<String>, Option<String>) {
    (entry.text("imageDigest").map(str::to_owned), entry.text("imageTag").map(str::to_owned))
}

/// The refusal of an image that does not exist.
pub(super) fn no_image(
    call: &Call<'_>,
    name: &str,
    (digest, tag): &(Option<String>, Option<String>),
) -> Failure {
    let text = format!(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name '{name}' in the registry with id '{}'",
        digest.as_deref().unwrap_or("null"),
        tag.as_deref().unwrap_or("null"),
        call.account
    );
    Failure::new("ImageNotFoundException", text)
}

/// The image that a request's `imageId` names.
pub(super) fn asked(call: &Call<'_>, input: &Input) -> Result<(String, Option<String>), Failure> {
    let repository = find(call, input)?;
    let wanted = input.get("imageId").map(identifier).unwrap_or_default();
    image::resolve(repository, wanted.0.as_deref(), wanted.1.as_deref())
        .map(|digest| (digest, wanted.1.clone()))
        .ok_or_else(|| no_image(call, input.str("repositoryName"), &wanted))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html>
pub(super) fn put_image(call: &mut Call<'_>, input: &Input) -> Outcome {
    find(call, input)?;
    let (name, text) = (input.str("repositoryName").to_owned(), input.str("imageManifest").to_owned());
    let tag = input.text("imageTag");
    let read = manifest::read(&text, input.text("imageManifestMediaType")).ok_or_else(|| {
        let text = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'";
        Failure::new("InvalidParameterException", text)
    })?;
    let digest = read.digest.clone();
    if input.text("imageDigest").is_some_and(|asked| asked != digest) {
        let text =
            "The specified image digest does not match the digest that Amazon ECR calculated for the image.";
        return Err(Failure::new("ImageDigestDoesNotMatchException", text));
    }
    image::put(call, &name, read, (&text, tag))?;
    let repository = find(call, input)?;
    let media_type = repository.images.get(&digest).map(|image| image.media_type.clone());
    Ok(json!({ "image": {
        "registryId": call.account, "repositoryName": name, "imageManifest": text,
        "imageManifestMediaType": media_type, "imageId": { "imageDigest": digest, "imageTag": tag },
    } })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>
pub(super) fn batch_get_image(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find(call, input)?;
    let accepted = input.texts("acceptedMediaTypes");
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for entry in input.list("imageIds") {
        let wanted = identifier(entry);
        let found = image::resolve(repository, wanted.0.as_deref(), wanted.1.as_deref());
        let found = found.and_then(|digest| repository.images.get(&digest).map(|image| (digest, image)));
        match found.filter(|(_, image)| accepted.is_empty() || accepted.contains(&image.media_type)) {
            Some((digest, image)) => images.push(json!({
                "registryId": call.account, "repositoryName": input.str("repositoryName"),
                "imageId": { "imageDigest": digest, "imageTag": wanted.1 }, "imageManifest": image.manifest,
                "imageManifestMediaType": image.media_type,
            })),
            None => failures.push(failure(&wanted)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }).into())
}

fn failure((digest, tag): &(Option<String>, Option<String>)) -> Value {
    json!({
        "imageId": { "imageDigest": digest, "imageTag": tag }, "failureCode": "ImageNotFound",
        "failureReason": "Requested image not found",
    })
}

/// A tag alone goes; the image goes with its last tag, or by its digest.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html>
pub(super) fn batch_delete_image(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find_mut(call, input)?;
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for entry in input.list("imageIds") {
        let wanted = identifier(entry);
        let Some(digest) = image::resolve(repository, wanted.0.as_deref(), wanted.1.as_deref()) else {
            failures.push(failure(&wanted));
            continue;
        };
        let used = repository.images.values().any(|other| {
            let index = manifest::read(&other.manifest, None);
            index.is_some_and(|index| index.manifests.contains(&digest))
        });
        let last = repository.images.get(&digest).is_some_and(|image| image.tags.len() <= 1);
        if used && (wanted.1.is_none() || last) {
            let mut entry = failure(&wanted);
            entry["failureCode"] = "ImageReferencedByManifestList".into();
            entry["failureReason"] = "Requested image referenced by manifest list".into();
            failures.push(entry);
            continue;
        }
        match &wanted.1 {
            Some(tag) if !last => {
                if let Some(image) = repository.images.get_mut(&digest) {
                    image.tags.retain(|one| one != tag);
                }
                gone.push(json!({ "imageDigest": digest, "imageTag": tag }));
            }
            _ => gone.extend(remove(repository, &digest)),
        }
    }
    scan::abandon_gone(call, input.str("repositoryName"));
    Ok(json!({ "imageIds": gone, "failures": failures }).into())
}

/// Removes an image and gives an identifier for each of its tags.
fn remove(repository: &mut Repository, digest: &str) -> Vec<Value> {
    let tags = repository.images.remove(digest).map(|image| image.tags).unwrap_or_default();
    if tags.is_empty() {
        return vec![json!({ "imageDigest": digest })];
    }
    tags.iter().map(|tag| json!({ "imageDigest": digest, "imageTag": tag })).collect()
}

/// Whether a `filter` lets an image pass.
fn passes(filter: Option<&Input>, image: &Image) -> Result<bool, Failure> {
    let Some(filter) = filter else { return Ok(true) };
    if filter.knows("imageStatus") {
        filter.only("imageStatus", "ACTIVE")?;
    }
    Ok(match filter.text("tagStatus") {
        Some("TAGGED") => !image.tags.is_empty(),
        Some("UNTAGGED") => image.tags.is_empty(),
        _ => true,
    })
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>
pub(super) fn describe_images(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find(call, input)?;
    let name = input.str("repositoryName");
    let mut wanted = Vec::new();
    for entry in input.list("imageIds") {
        let asked = identifier(entry);
        let digest = image::resolve(repository, asked.0.as_deref(), asked.1.as_deref());
        wanted.push(digest.ok_or_else(|| no_image(call, name, &asked))?);
    }
    let mut rows = Vec::new();
    for (digest, image) in &repository.images {
        if (wanted.is_empty() || wanted.contains(digest)) && passes(input.get("filter"), image)? {
            let scan = image.scan.as_ref().map(|scan| json!({ "status": scan.status }));
            rows.push((digest.clone(), json!({
                "registryId": call.account, "repositoryName": name, "imageDigest": digest,
                "imageTags": (!image.tags.is_empty()).then_some(&image.tags), "imageSizeInBytes": image.size,
                "imagePushedAt": image.pushed.value(), "imageManifestMediaType": image.media_type,
                "artifactMediaType": image.artifact_type, "subjectManifestDigest": image.subject,
                "imageScanStatus": scan,
            })));
        }
    }
    Ok(call.page(input, RULES, rows)?.into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html>
pub(super) fn list_images(call: &mut Call<'_>, input: &Input) -> Outcome {
    let repository = find(call, input)?;
    let mut rows = Vec::new();
    for (digest, image) in &repository.images {
        if !passes(input.get("filter"), image)? {
            continue;
        }
        if image.tags.is_empty() {
            rows.push((digest.clone(), json!({ "imageDigest": digest })));
        }
        for tag in &image.tags {
            rows.push((format!("{digest}/{tag}"), json!({ "imageDigest": digest, "imageTag": tag })));
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(call.page(input, RULES, rows)?.into())
}
