//! Image repositories: one a service that is built here, and those asked for by name; and the services' images.

use std::collections::BTreeMap;

use serde_json::json;

use super::cluster::Built;
use super::expansion::{Expansion, output};
use crate::config::schema::{Registry, RegistryEncryption};
use crate::model::ecr::{Image, ImageEncryption, Repository};
use crate::model::{Attribute, Document, Ref};

/// Adds the repositories.
pub(super) fn expand(expansion: &mut Expansion<'_>, built: Option<&Built>) {
    let settings = expansion.settings;
    let registry = &settings.registry;
    if !registry.enabled {
        return;
    }
    let built_here = settings.enabled_services().filter(|(_, service)| service.path.is_some());
    let names = built_here.map(|(name, _)| name).chain(registry.repositories.iter().map(String::as_str));
    let prefix = registry.prefix.as_deref().unwrap_or(expansion.environment);
    for name in names {
        let full_name = format!("{prefix}/{name}");
        let repository = Repository {
            name: full_name.clone(),
            scan_on_push: registry.scan_on_push,
            immutable_tags: registry.immutable_tags,
            encryption: match registry.encryption {
                RegistryEncryption::Aes256 => ImageEncryption::Service,
                RegistryEncryption::Kms => {
                    ImageEncryption::Kms(registry.key_arn.as_ref().map(|arn| Ref::external(arn.as_str())))
                }
            },
            lifecycle: Some(lifecycle(registry)),
            policy: access(expansion, registry, built),
            force_delete: registry.delete_with_images,
            tags: expansion.named(full_name),
        };
        let repository = expansion.add(name, repository);
        if expansion.buildable.contains(name) {
            // What it is made from is on disk, and its digest known once it is built: both are filled in later.
            expansion.add(name, Image { repository, digest: None, sources: BTreeMap::new() });
        }
    }
}

/// ("Examples of lifecycle policies in Amazon ECR".)
fn lifecycle(registry: &Registry) -> Document {
    Document::new(json!({"rules": [
        {
            "rulePriority": 1,
            "description": format!("Expire untagged images after {} days", registry.untagged_days),
            "selection": {
                "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                "countNumber": registry.untagged_days,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "description": format!("Keep the newest {} images", registry.keep_images),
            "selection": {
                "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": registry.keep_images,
            },
            "action": {"type": "expire"},
        },
    ]}))
}

/// Who may pull: the cluster's nodes, and whoever is named besides.
fn access(expansion: &Expansion<'_>, registry: &Registry, built: Option<&Built>) -> Option<Document> {
    let nodes = built.map(|built| output(&built.node_role, Attribute::Arn).as_str().to_owned());
    let named = registry.pull_principals.iter().map(|principal| {
        if principal.starts_with("arn:") {
            principal.clone()
        } else {
            format!("arn:{}:iam::{principal}:root", expansion.partition())
        }
    });
    let principals: Vec<String> = nodes.into_iter().chain(named).collect();
    if principals.is_empty() {
        return None;
    }
    Some(Document::new(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AllowPull",
            "Effect": "Allow",
            "Principal": {"AWS": principals},
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }],
    })))
}
