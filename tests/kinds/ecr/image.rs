//! Cases of images: what never changes, and is pushed by what the supply has.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ecr::primitives::Blob;
use aws_sdk_ecr::types::ImageIdentifier;
use platctl::model::ecr::{Image, ImageEncryption, Repository};
use platctl::provider::aws::ecr::marker;
use platctl::provider::{Delivered, Delivery, Supply};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ec2::managed;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The smallest image: one blob, which is configuration and layer.
fn manifest(content: &str) -> String {
    let blob = |kind: &str| -> Value {
        let media_type = format!("application/vnd.oci.image.{kind}");
        json!({ "mediaType": media_type, "digest": digest(content.as_bytes()), "size": content.len() })
    };
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    json!({ "schemaVersion": 2, "mediaType": media_type, "config": blob("config.v1+json"),
        "layers": [blob("layer.v1.tar")] })
    .to_string()
}

/// Pushes an image by calls of ECR's own, as often as one likes.
async fn push(raw: &Raw, repository: &str, content: &str, tags: &[&str]) -> String {
    let bytes = content.as_bytes();
    let begun = raw.ecr.initiate_layer_upload().repository_name(repository).send().await.unwrap();
    let upload = begun.upload_id.unwrap();
    let part = raw.ecr.upload_layer_part().repository_name(repository).upload_id(&upload);
    let last = i64::try_from(bytes.len()).unwrap() - 1;
    let part = part.part_first_byte(0).part_last_byte(last).layer_part_blob(Blob::new(bytes));
    part.send().await.unwrap();
    let whole = raw.ecr.complete_layer_upload().repository_name(repository).upload_id(upload);
    // It may be there already.
    let _again = whole.layer_digests(digest(bytes)).send().await;
    let manifest = manifest(content);
    for tag in tags {
        let put = raw.ecr.put_image().repository_name(repository).image_manifest(&manifest).image_tag(*tag);
        if let Err(error) = put.send().await {
            assert!(error.into_service_error().is_image_already_exists_exception());
        }
    }
    digest(manifest.as_bytes())
}

/// An image that was built.
struct Parcel {
    raw: Raw,
    digest: String,
}

impl Delivery for Parcel {
    fn digest(&self) -> &str {
        &self.digest
    }

    fn deliver<'a>(&'a self, repository: &'a str, marker: &'a str) -> Delivered<'a> {
        Box::pin(async move {
            push(&self.raw, repository, "ours", &["v1", marker]).await;
            Ok(())
        })
    }
}

pub(super) async fn laws_of_image(world: &mut World) {
    for name in ["app", "other"] {
        let repository = Repository {
            name: format!("laws/{name}"),
            scan_on_push: false,
            immutable_tags: false,
            encryption: ImageEncryption::Service,
            lifecycle: None,
            policy: None,
            force_delete: true,
            tags: world.tags(&format!("repository.{name}")),
        };
        world.make(&format!("repository.{name}"), repository).await;
    }
    let ours = digest(manifest("ours").as_bytes());
    let parcel = Parcel { raw: world.raw.clone(), digest: ours.clone() };
    let images = BTreeMap::from([("image.app".parse().unwrap(), Arc::new(parcel) as Arc<dyn Delivery>)]);
    world.aws = world.aws.with_supply(Supply { images, gate: None });

    let sources = BTreeMap::from([("src/main.rs".to_owned(), "0123456789abcdef".to_owned())]);
    let image = Image { repository: managed("app"), digest: Some(ours.clone()), sources: sources.clone() };
    let [at_theirs, at_ours] = ["theirs", "ours"].map(|content| {
        let tag = marker(&sources, &digest(manifest(content).as_bytes()));
        (content, tag)
    });
    let tag = at_ours.1.clone();
    let case = Case::new("image.app", image)
        .drift("sources.src/main.rs", move |raw, _| async move {
            let identifier = ImageIdentifier::builder().image_tag(tag).build();
            let untag = raw.ecr.batch_delete_image().repository_name("laws/app").image_ids(identifier);
            untag.send().await.unwrap();
        })
        .beside("digest", move |raw, _| async move {
            let (content, tag) = at_theirs;
            format!("laws/app@{}", push(&raw, "laws/app", content, &[&tag]).await)
        })
        .beside("repository", move |raw, _| async move {
            let (content, tag) = at_ours;
            format!("laws/other@{}", push(&raw, "laws/other", content, &[&tag]).await)
        });
    hold(world, vec![case]).await;
}
