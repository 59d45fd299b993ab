//! Cases of the kinds of ECR.

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, Tag,
};
use platctl::model::ecr::{ImageEncryption, Repository};
use platctl::model::{Attribute, Document};
use serde_json::json;

use super::ec2::managed;
use super::kms::make_key;
use super::law::{Case, hold};
use super::world::{Raw, World};

mod image;

laws! {
    repository: laws_of_repository;
    image: image::laws_of_image;
}

fn lifecycle(days: u32) -> Document {
    Document::new(json!({"rules": [{
        "rulePriority": 1, "description": "untagged images go",
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
            "countNumber": days},
        "action": {"type": "expire"},
    }]}))
}

fn access(actions: &[&str]) -> Document {
    Document::new(json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": actions,
    }]}))
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

async fn arn(raw: &Raw, name: &str) -> String {
    let described = raw.ecr.describe_repositories().repository_names(name).send().await.unwrap();
    described.repositories()[0].repository_arn().unwrap().to_owned()
}

/// Somebody else's repository: the case's, but for its name or its key.
async fn raw_repository(raw: &Raw, case: &Repository, name: &str, key: Option<&str>) -> String {
    let sort = if key.is_some() { EncryptionType::Kms } else { EncryptionType::Aes256 };
    let encryption = EncryptionConfiguration::builder().encryption_type(sort);
    let encryption = encryption.set_kms_key(key.map(str::to_owned)).build().unwrap();
    let tags = case.tags.iter().map(|(key, value)| tag(key, value)).collect();
    let create = raw.ecr.create_repository().repository_name(name).encryption_configuration(encryption);
    let create = create.image_tag_mutability(ImageTagMutability::Immutable);
    let scanning = ImageScanningConfiguration::builder().scan_on_push(true).build();
    let create = create.image_scanning_configuration(scanning);
    create.set_tags(Some(tags)).send().await.unwrap();
    let put = raw.ecr.put_lifecycle_policy().repository_name(name);
    put.lifecycle_policy_text(case.lifecycle.as_ref().unwrap().to_text()).send().await.unwrap();
    let set = raw.ecr.set_repository_policy().repository_name(name);
    set.policy_text(case.policy.as_ref().unwrap().to_text()).send().await.unwrap();
    name.to_owned()
}

async fn laws_of_repository(world: &mut World) {
    make_key(world, "images").await;
    let key = world.known.attribute(&"key.images".parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let spec = Repository {
        name: "laws/case".to_owned(),
        scan_on_push: true,
        immutable_tags: true,
        encryption: ImageEncryption::Kms(Some(managed("images"))),
        lifecycle: Some(lifecycle(14)),
        policy: Some(access(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])),
        force_delete: true,
        tags: world.tags("repository.case"),
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let case = drifts(Case::new("repository.case", spec))
        .other(
            "name",
            move |raw, _| async move { raw_repository(&raw, &one, "laws/other", Some(&key)).await },
        )
        .other("encryption", move |raw, id| async move {
            raw.ecr.delete_repository().repository_name(&id).send().await.unwrap();
            raw_repository(&raw, &two, &id, None).await
        })
        .excused("force_delete", "no policy: only a delete reads it");
    hold(world, vec![case, bare(world), own_key(world)]).await;
}

fn drifts(case: Case) -> Case {
    case.drift("scan_on_push", |raw, id| async move {
        let off = ImageScanningConfiguration::builder().scan_on_push(false).build();
        let put = raw.ecr.put_image_scanning_configuration().repository_name(id);
        put.image_scanning_configuration(off).send().await.unwrap();
    })
    .drift("immutable_tags", |raw, id| async move {
        let put = raw.ecr.put_image_tag_mutability().repository_name(id);
        put.image_tag_mutability(ImageTagMutability::Mutable).send().await.unwrap();
    })
    .drift("lifecycle", |raw, id| async move {
        raw.ecr.delete_lifecycle_policy().repository_name(id).send().await.unwrap();
    })
    .drift("lifecycle", |raw, id| async move {
        let put = raw.ecr.put_lifecycle_policy().repository_name(id);
        put.lifecycle_policy_text(lifecycle(1).to_text()).send().await.unwrap();
    })
    .drift("policy", |raw, id| async move {
        raw.ecr.delete_repository_policy().repository_name(id).send().await.unwrap();
    })
    .drift("policy", |raw, id| async move {
        let set = raw.ecr.set_repository_policy().repository_name(id);
        set.policy_text(access(&["ecr:*"]).to_text()).send().await.unwrap();
    })
    .drift("tags.team", |raw, id| async move {
        let set = raw.ecr.tag_resource().resource_arn(arn(&raw, &id).await);
        set.tags(tag("team", "another")).send().await.unwrap();
    })
    .drift("tags.surprise", |raw, id| async move {
        let set = raw.ecr.tag_resource().resource_arn(arn(&raw, &id).await);
        set.tags(tag("surprise", "here")).send().await.unwrap();
    })
    .drift("tags.Name", |raw, id| async move {
        let unset = raw.ecr.untag_resource().resource_arn(arn(&raw, &id).await);
        unset.tag_keys("Name").send().await.unwrap();
    })
}

fn bare(world: &World) -> Case {
    let bare = Repository {
        name: "laws/bare".to_owned(),
        scan_on_push: false,
        immutable_tags: false,
        encryption: ImageEncryption::Service,
        lifecycle: None,
        policy: None,
        force_delete: false,
        tags: world.tags("repository.bare"),
    };
    Case::new("repository.bare", bare)
        .drift("lifecycle", |raw, id| async move {
            let put = raw.ecr.put_lifecycle_policy().repository_name(id);
            put.lifecycle_policy_text(lifecycle(1).to_text()).send().await.unwrap();
        })
        .drift("policy", |raw, id| async move {
            let set = raw.ecr.set_repository_policy().repository_name(id);
            set.policy_text(access(&["ecr:*"]).to_text()).send().await.unwrap();
        })
}

/// The account's own key for ECR, which is read back by its ARN.
fn own_key(world: &World) -> Case {
    let own_key = Repository {
        name: "laws/own-key".to_owned(),
        encryption: ImageEncryption::Kms(None),
        scan_on_push: false,
        immutable_tags: false,
        lifecycle: None,
        policy: None,
        force_delete: false,
        tags: world.tags("repository.own-key"),
    };
    Case::new("repository.own-key", own_key)
}
