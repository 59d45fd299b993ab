//! Images in repositories. One DescribeImages a repository and look; pushing is `provider::registry`'s, through the
//! supply.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};
use futures_util::future::join_all;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::scan::scan;
use crate::model::ecr::{Image, ImageOutputs};
use crate::model::{Address, Attribute, CloudId, Known, Readiness, Ref};
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, resolve};
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Error, ScanGate};

const PUSH: &str = "PutImage";

impl Manage for Image {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| see(aws, look, &known))).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let repository = resolve(&call.known, &call.spec.repository, PUSH)?;
        let digest = deliver(aws, &call.address, &call.spec, repository).await?;
        Ok(format!("{repository}@{digest}").into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        let repository = resolve(&call.known, &call.spec.repository, PUSH)?;
        deliver(aws, &call.address, &call.spec, repository).await.map(|_| ())
    }

    /// It goes with its repository, or by its lifecycle policy.
    async fn delete(_: &Aws, _: Removal<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// Pushes what the supply has for the image, and gives its digest.
async fn deliver<'a>(
    aws: &Aws,
    address: &Address,
    spec: &'a Image,
    repository: &str,
) -> Result<&'a str, Error> {
    let missing = |why: &str| Error::local("ecr", PUSH, format!("{address} cannot be pushed: {why}"));
    let digest = spec.digest.as_deref().ok_or_else(|| missing("it was not built"))?;
    let image = aws.supply().image(address, digest);
    let image = image.ok_or_else(|| missing(&format!("{digest} is not at hand")))?;
    image.deliver(repository, &marker(&spec.sources, digest)).await?;
    Ok(digest)
}

/// The start of that tag, which is the same for every image from these sources.
fn marker_of(sources: &BTreeMap<String, String>) -> String {
    let json = serde_json::to_vec(sources).expect("a map of texts is JSON");
    let hex: String = Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sources-{}-", &hex[..32])
}

/// The tag by which the registry tells what an image was made from. No two images have the same, whatever else they
/// were made with.
pub fn marker(sources: &BTreeMap<String, String>, digest: &str) -> String {
    let hex = digest.trim_start_matches("sha256:");
    format!("{}{}", marker_of(sources), hex.get(..12).unwrap_or(hex))
}

async fn see(aws: &Aws, look: &Sought<Image>, known: &Known) -> Result<Seen<Image>, Error> {
    let id = look.id.as_ref().and_then(|id| id.as_str().split_once('@'));
    let repository = id.map(|(repository, _)| repository).or_else(|| known.resolve(&look.spec.repository));
    let Some(repository) = repository else { return Ok(Seen::Absent) };
    let Some(images) = if_there(describe(aws, repository).await)? else { return Ok(Seen::Absent) };
    let is_marked =
        |image: &ImageDetail, start: &str| image.image_tags().iter().any(|tag| tag.starts_with(start));
    let start = marker_of(&look.spec.sources);
    let wanted = id.map(|(_, digest)| digest).or(look.spec.digest.as_deref());
    let found = match wanted {
        Some(digest) => images.iter().find(|image| image.image_digest() == Some(digest)),
        None if look.spec.sources.is_empty() => None,
        None => images
            .iter()
            .filter(|image| is_marked(image, &start))
            .max_by_key(|image| image.image_pushed_at().map(|at| (at.secs(), at.subsec_nanos()))),
    };
    let Some((image, digest)) = found.and_then(|image| Some((image, image.image_digest()?))) else {
        return Ok(Seen::Absent);
    };
    let sources = if is_marked(image, &start) { look.spec.sources.clone() } else { Default::default() };
    let spec = Image { repository: Ref::external(repository), digest: Some(digest.to_owned()), sources };
    let host = known.resolve_attribute(&look.spec.repository, Attribute::Host).unwrap_or_default();
    let outputs = ImageOutputs { digest: digest.to_owned(), url: format!("{host}/{repository}@{digest}") };
    let readiness = match &aws.supply().gate {
        Some(gate) => judged(aws, gate.as_ref(), (repository, digest)).await?,
        None => Readiness::Ready,
    };
    Ok(Seen::with(format!("{repository}@{digest}"), spec, outputs, readiness))
}

/// The images of a repository.
async fn describe(aws: &Aws, repository: &str) -> Result<Vec<ImageDetail>, Error> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let reply = aws
            .read(Service::Ecr, "DescribeImages", || {
                let call = aws.clients().ecr.describe_images().repository_name(repository);
                call.max_results(1000).set_next_token(next.clone()).send()
            })
            .await?;
        found.extend(reply.image_details.unwrap_or_default());
        next = reply.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// What the gate says of every platform's image: the first that does not pass decides.
async fn judged(
    aws: &Aws,
    gate: &dyn ScanGate,
    (repository, digest): (&str, &str),
) -> Result<Readiness, Error> {
    for digest in platforms(aws, repository, digest).await? {
        let readiness = gate.judge(&format!("{repository}@{digest}"), &scan(aws, repository, &digest).await?);
        if readiness != Readiness::Ready {
            return Ok(readiness);
        }
    }
    Ok(Readiness::Ready)
}

/// The images that an index lists; an image of one platform is its own. Scans are of these.
async fn platforms(aws: &Aws, repository: &str, digest: &str) -> Result<Vec<String>, Error> {
    let image = ImageIdentifier::builder().image_digest(digest).build();
    let types: Vec<String> =
        ["manifest", "index"].map(|word| format!("application/vnd.oci.image.{word}.v1+json")).into();
    let reply = aws
        .read(Service::Ecr, "BatchGetImage", || {
            let call = aws.clients().ecr.batch_get_image().repository_name(repository);
            call.image_ids(image.clone()).set_accepted_media_types(Some(types.clone())).send()
        })
        .await?;
    let manifest = reply.images().first().and_then(|image| image.image_manifest());
    let manifest: Value = manifest.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let listed = manifest["manifests"].as_array().into_iter().flatten();
    let listed: Vec<String> =
        listed.filter_map(|entry| entry["digest"].as_str().map(str::to_owned)).collect();
    Ok(if listed.is_empty() { vec![digest.to_owned()] } else { listed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_sources_is_a_tag_and_another_for_other_sources_or_another_image() {
        let sources = |text: &str| [("src/main.rs".to_owned(), text.to_owned())].into();
        let [one, two] = ["sha256:0123456789abcdef", "sha256:fedcba9876543210"];
        let tag = marker(&sources("1"), one);
        // ("PutImage": at most 300 characters; the distribution specification takes 128.)
        assert!(tag.len() <= 128 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{tag}");
        assert!(tag.ends_with("-0123456789ab"));
        assert!(tag != marker(&sources("2"), one) && tag != marker(&sources("1"), two));
        assert!(tag.starts_with(&marker_of(&sources("1"))));
    }
}
