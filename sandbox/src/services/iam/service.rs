//! What IAM offers.

use serde_json::json;

use super::{
    attached, authorization, inline, instance_profile, oidc_provider, policy, policy_version, role,
    service_linked, simulate, summary, tag,
};
use crate::services::{Item, Operation, Service, model, validation_error};
use crate::world::World;

/// The service.
pub const SERVICE: Service = Service {
    name: "iam",
    model: model!("iam"),
    operation,
    complete: service_linked::complete,
    refuse: validation_error,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    on_roles(name).or_else(|| on_policies(name)).or_else(|| on_profiles_and_providers(name))
}

fn on_roles(name: &str) -> Option<Operation> {
    Some(match name {
        "AttachRolePolicy" => attached::attach_role_policy,
        "CreateRole" => role::create_role,
        "CreateServiceLinkedRole" => service_linked::create_service_linked_role,
        "DeleteRole" => role::delete_role,
        "DeleteRolePermissionsBoundary" => role::delete_role_permissions_boundary,
        "DeleteRolePolicy" => inline::delete_role_policy,
        "DeleteServiceLinkedRole" => service_linked::delete_service_linked_role,
        "DetachRolePolicy" => attached::detach_role_policy,
        "GetAccountAuthorizationDetails" => authorization::get_account_authorization_details,
        "GetAccountSummary" => summary::get_account_summary,
        "GetRole" => role::get_role,
        "GetRolePolicy" => inline::get_role_policy,
        "GetServiceLinkedRoleDeletionStatus" => service_linked::get_deletion_status,
        "GetUser" => summary::get_user,
        "ListAccountAliases" => summary::list_account_aliases,
        "ListAttachedRolePolicies" => attached::list_attached_role_policies,
        "ListRolePolicies" => inline::list_role_policies,
        "ListRoleTags" => tag::list_tags,
        "ListRoles" => role::list_roles,
        "PutRolePermissionsBoundary" => role::put_role_permissions_boundary,
        "PutRolePolicy" => inline::put_role_policy,
        "SimulatePrincipalPolicy" => simulate::simulate_principal_policy,
        "TagRole" => tag::tag,
        "UntagRole" => tag::untag,
        "UpdateAssumeRolePolicy" => role::update_assume_role_policy,
        "UpdateRole" => role::update_role,
        "UpdateRoleDescription" => role::update_role_description,
        _ => return None,
    })
}

fn on_policies(name: &str) -> Option<Operation> {
    Some(match name {
        "CreatePolicy" => policy::create_policy,
        "CreatePolicyVersion" => policy_version::create_policy_version,
        "DeletePolicy" => policy::delete_policy,
        "DeletePolicyVersion" => policy_version::delete_policy_version,
        "GetPolicy" => policy::get_policy,
        "GetPolicyVersion" => policy_version::get_policy_version,
        "ListEntitiesForPolicy" => policy::list_entities_for_policy,
        "ListPolicies" => policy::list_policies,
        "ListPolicyTags" => tag::list_tags,
        "ListPolicyVersions" => policy_version::list_policy_versions,
        "SetDefaultPolicyVersion" => policy_version::set_default_policy_version,
        "TagPolicy" => tag::tag,
        "UntagPolicy" => tag::untag,
        _ => return None,
    })
}

fn on_profiles_and_providers(name: &str) -> Option<Operation> {
    Some(match name {
        "AddClientIDToOpenIDConnectProvider" => oidc_provider::add_client_id,
        "AddRoleToInstanceProfile" => instance_profile::add_role_to_instance_profile,
        "CreateInstanceProfile" => instance_profile::create_instance_profile,
        "CreateOpenIDConnectProvider" => oidc_provider::create_open_id_connect_provider,
        "DeleteInstanceProfile" => instance_profile::delete_instance_profile,
        "DeleteOpenIDConnectProvider" => oidc_provider::delete_open_id_connect_provider,
        "GetInstanceProfile" => instance_profile::get_instance_profile,
        "GetOpenIDConnectProvider" => oidc_provider::get_open_id_connect_provider,
        "ListInstanceProfileTags" => tag::list_tags,
        "ListInstanceProfiles" => instance_profile::list_instance_profiles,
        "ListInstanceProfilesForRole" => instance_profile::list_instance_profiles_for_role,
        "ListOpenIDConnectProviderTags" => tag::list_tags,
        "ListOpenIDConnectProviders" => oidc_provider::list_open_id_connect_providers,
        "RemoveClientIDFromOpenIDConnectProvider" => oidc_provider::remove_client_id,
        "RemoveRoleFromInstanceProfile" => instance_profile::remove_role_from_instance_profile,
        "TagInstanceProfile" => tag::tag,
        "TagOpenIDConnectProvider" => tag::tag,
        "UntagInstanceProfile" => tag::untag,
        "UntagOpenIDConnectProvider" => tag::untag,
        "UpdateOpenIDConnectProviderThumbprint" => oidc_provider::update_thumbprint,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.accounts.get(account).filter(|_| region == "us-east-1") else {
        return Vec::new();
    };
    let state = &state.iam;
    let mut items = Vec::new();
    let mut add = |kind: &str, arn: &str, id: &str, tags: &crate::world::Tags, detail| {
        let kind = format!("iam:{kind}");
        items.push(Item { arn: arn.to_owned(), kind, id: id.to_owned(), tags: tags.clone(), detail });
    };
    state.roles.values().for_each(|row| add("role", &row.arn, &row.name, &row.tags, json!(row)));
    state.policies.values().for_each(|row| add("policy", &row.arn, &row.name, &row.tags, json!(row)));
    let profiles = state.instance_profiles.values();
    profiles.for_each(|row| add("instance-profile", &row.arn, &row.name, &row.tags, json!(row)));
    let providers = state.oidc_providers.iter();
    providers.for_each(|(arn, row)| add("oidc-provider", arn, &row.url, &row.tags, json!(row)));
    items
}
