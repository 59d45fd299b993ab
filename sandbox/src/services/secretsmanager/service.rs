//! What Secrets Manager offers.

use serde_json::json;

use super::{secret, value};
use crate::services::{Item, Operation, Service, invalid_parameter, model, nothing_completes};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "secretsmanager",
    model: model!("secretsmanager"),
    operation,
    complete: nothing_completes,
    refuse: invalid_parameter,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateSecret" => secret::create_secret,
        "DeleteResourcePolicy" => secret::delete_resource_policy,
        "DeleteSecret" => secret::delete_secret,
        "DescribeSecret" => secret::describe_secret,
        "GetRandomPassword" => value::get_random_password,
        "GetResourcePolicy" => secret::get_resource_policy,
        "GetSecretValue" => value::get_secret_value,
        "ListSecretVersionIds" => value::list_secret_version_ids,
        "ListSecrets" => secret::list_secrets,
        "PutResourcePolicy" => secret::put_resource_policy,
        "PutSecretValue" => value::put_secret_value,
        "RestoreSecret" => secret::restore_secret,
        "TagResource" => secret::tag_resource,
        "UntagResource" => secret::untag_resource,
        "UpdateSecret" => value::update_secret,
        "UpdateSecretVersionStage" => value::update_secret_version_stage,
        _ => return None,
    })
}

/// The values stay out of the dump.
fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(region) = world.region(account, region) else { return Vec::new() };
    let secrets = region.secretsmanager.secrets.iter();
    secrets
        .map(|(name, secret)| Item {
            arn: secret.arn.clone(),
            kind: "secretsmanager:secret".to_owned(),
            id: name.to_owned(),
            tags: secret.tags.clone(),
            detail: json!({
                "description": secret.description, "key": secret.key, "created": secret.created,
                "deleted": secret.deletion.is_some(), "versions": secret.versions.len(),
            }),
        })
        .collect()
}
