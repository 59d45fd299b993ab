//! What ECR offers.

use serde_json::json;

use super::{image_calls, layer, oci, policy, repository, scan};
use crate::services::{Item, Operation, Service, invalid_parameter, model};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "ecr",
    model: model!("ecr"),
    operation,
    complete: scan::complete,
    refuse: invalid_parameter,
    inventory,
    raw: Some(oci::REGISTRY),
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "BatchCheckLayerAvailability" => layer::batch_check_layer_availability,
        "BatchDeleteImage" => image_calls::batch_delete_image,
        "BatchGetImage" => image_calls::batch_get_image,
        "BatchGetRepositoryScanningConfiguration" => scan::batch_get_repository_scanning_configuration,
        "CompleteLayerUpload" => layer::complete_layer_upload,
        "CreateRepository" => repository::create_repository,
        "DeleteLifecyclePolicy" => policy::delete_lifecycle_policy,
        "DeleteRepository" => repository::delete_repository,
        "DeleteRepositoryPolicy" => policy::delete_repository_policy,
        "DescribeImageScanFindings" => scan::describe_image_scan_findings,
        "DescribeImages" => image_calls::describe_images,
        "DescribeRegistry" => scan::describe_registry,
        "DescribeRepositories" => repository::describe_repositories,
        "GetAuthorizationToken" => layer::get_authorization_token,
        "GetDownloadUrlForLayer" => layer::get_download_url_for_layer,
        "GetLifecyclePolicy" => policy::get_lifecycle_policy,
        "GetRegistryScanningConfiguration" => scan::get_registry_scanning_configuration,
        "GetRepositoryPolicy" => policy::get_repository_policy,
        "InitiateLayerUpload" => layer::initiate_layer_upload,
        "ListImages" => image_calls::list_images,
        "ListTagsForResource" => repository::list_tags_for_resource,
        "PutImage" => image_calls::put_image,
        "PutImageScanningConfiguration" => repository::put_image_scanning_configuration,
        "PutImageTagMutability" => repository::put_image_tag_mutability,
        "PutLifecyclePolicy" => policy::put_lifecycle_policy,
        "PutRegistryScanningConfiguration" => scan::put_registry_scanning_configuration,
        "SetRepositoryPolicy" => policy::set_repository_policy,
        "StartImageScan" => scan::start_image_scan,
        "TagResource" => repository::tag_resource,
        "UntagResource" => repository::untag_resource,
        "UploadLayerPart" => layer::upload_layer_part,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(region) = world.region(account, region) else { return Vec::new() };
    let repositories = region.ecr.repositories.iter();
    repositories
        .map(|(name, repository)| Item {
            arn: repository.arn.clone(),
            kind: "ecr:repository".to_owned(),
            id: name.to_owned(),
            tags: repository.tags.clone(),
            detail: json!({
                "mutability": repository.mutability, "layers": repository.layers.len(),
                "images": repository.images.iter().map(|(digest, image)| (digest.clone(), json!(image.tags)))
                    .collect::<serde_json::Map<_, _>>(),
            }),
        })
        .collect()
}
