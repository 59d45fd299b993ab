//! What KMS offers.

use serde_json::json;

use super::{alias, asymmetric, grant, key, lifecycle, policy, rotation, symmetric, tag};
use crate::services::{Item, Operation, Service, model, nothing_completes, validation_exception};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "kms",
    model: model!("kms"),
    operation,
    complete: nothing_completes,
    refuse: validation_exception,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CancelKeyDeletion" => lifecycle::cancel_key_deletion,
        "CreateAlias" => alias::create_alias,
        "CreateGrant" => grant::create_grant,
        "CreateKey" => key::create_key,
        "Decrypt" => symmetric::decrypt,
        "DeleteAlias" => alias::delete_alias,
        "DescribeKey" => key::describe_key,
        "DisableKey" => lifecycle::disable_key,
        "DisableKeyRotation" => rotation::disable_key_rotation,
        "EnableKey" => lifecycle::enable_key,
        "EnableKeyRotation" => rotation::enable_key_rotation,
        "Encrypt" => symmetric::encrypt,
        "GenerateDataKey" => symmetric::generate_data_key,
        "GenerateDataKeyWithoutPlaintext" => symmetric::generate_data_key_without_plaintext,
        "GenerateRandom" => symmetric::generate_random,
        "GetKeyPolicy" => policy::get_key_policy,
        "GetKeyRotationStatus" => rotation::get_key_rotation_status,
        "GetPublicKey" => asymmetric::get_public_key,
        "ListAliases" => alias::list_aliases,
        "ListGrants" => grant::list_grants,
        "ListKeyPolicies" => policy::list_key_policies,
        "ListKeyRotations" => rotation::list_key_rotations,
        "ListKeys" => key::list_keys,
        "ListResourceTags" => tag::list_resource_tags,
        "PutKeyPolicy" => policy::put_key_policy,
        "RetireGrant" => grant::retire_grant,
        "RevokeGrant" => grant::revoke_grant,
        "RotateKeyOnDemand" => rotation::rotate_key_on_demand,
        "ScheduleKeyDeletion" => lifecycle::schedule_key_deletion,
        "Sign" => asymmetric::sign,
        "TagResource" => tag::tag_resource,
        "UntagResource" => tag::untag_resource,
        "UpdateAlias" => alias::update_alias,
        "UpdateKeyDescription" => key::update_key_description,
        "Verify" => asymmetric::verify,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.kms) else { return Vec::new() };
    let arn = |local: &str| format!("arn:aws:kms:{region}:{account}:{local}");
    let keys = state.keys.iter().filter(|(_, key)| key.managed_by.is_none()).map(|(id, key)| Item {
        arn: arn(&format!("key/{id}")),
        kind: "kms:key".to_owned(),
        id: id.to_owned(),
        tags: key.tags.clone(),
        detail: json!({ "description": key.description, "state": key.state().name(), "deletion": key.deletion }),
    });
    let aliases = state.aliases.iter().filter(|(name, _)| !name.starts_with("alias/aws/"));
    let aliases = aliases.map(|(name, alias)| Item {
        arn: arn(name),
        kind: "kms:alias".to_owned(),
        id: name.to_owned(),
        tags: crate::world::Tags::new(),
        detail: json!(alias),
    });
    keys.chain(aliases).collect()
}
