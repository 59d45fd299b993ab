//! All roles and policies in one listing: the batched read of IAM.

use serde_json::{Value, json};

use super::managed::{ManagedPolicy, managed_policies};
use super::name::{PAGES, encoded};
use super::policy::{self, Policy};
use super::role::Role;
use super::{attached, instance_profile, policy_version, tag};
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// Tags of policies are not part of it, as IAM documents.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
pub(super) fn get_account_authorization_details(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filter = input.texts("Filter");
    let wants = |name: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == name);
    let state = &call.account_state().iam;
    let mut rows: Vec<(String, (&str, Value))> = Vec::new();
    if wants("Role") {
        let roles = state.roles.iter().filter(|(_, role)| call.visible(role.created));
        rows.extend(
            roles.map(|(name, role)| (format!("1{name}"), ("RoleDetailList", role_detail(call, role)))),
        );
    }
    if wants("LocalManagedPolicy") {
        let own = state.policies.iter().filter(|(_, policy)| call.visible(policy.created));
        rows.extend(own.map(|(arn, policy)| (format!("2{arn}"), ("Policies", policy_detail(call, policy)))));
    }
    if wants("AWSManagedPolicy") {
        // Only those that are in use: the account's details, not AWS's catalogue.
        let used = managed_policies().iter().filter(|policy| state.attachments(&policy.arn()) > 0);
        rows.extend(
            used.map(|policy| (format!("2{}", policy.arn()), ("Policies", managed_detail(call, policy)))),
        );
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let (page, marker) = call.cut(input, ("Marker", Some("MaxItems")), PAGES, rows)?;
    let list = |wanted: &str| {
        let mine = page.iter().filter(|(list, _)| *list == wanted);
        mine.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    Ok(json!({
        "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": list("RoleDetailList"),
        "Policies": list("Policies"), "IsTruncated": marker.is_some(), "Marker": marker,
    })
    .into())
}

fn role_detail(call: &Call<'_>, role: &Role) -> Value {
    let profiles = call.account_state().iam.instance_profiles.values();
    let mine = profiles.filter(|profile| profile.role.as_ref() == Some(&role.name));
    let inline =
        role.inline.iter().map(|(name, text)| json!({ "PolicyName": name, "PolicyDocument": encoded(text) }));
    json!({
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn,
        "CreateDate": role.created.value(), "AssumeRolePolicyDocument": encoded(&role.trust),
        "InstanceProfileList": mine.map(|profile| instance_profile::show(call, profile)).collect::<Vec<_>>(),
        "RolePolicyList": inline.collect::<Vec<_>>(),
        "AttachedManagedPolicies": role.attached.iter().map(|arn| attached::show(arn)).collect::<Vec<_>>(),
        "PermissionsBoundary": role.show_boundary(), "Tags": tag::STYLE.write(&role.tags), "RoleLastUsed": {},
    })
}

fn policy_detail(call: &Call<'_>, policy: &Policy) -> Value {
    let mut shown = policy::show(call, policy, false);
    let versions = policy.versions.iter().rev();
    shown["PolicyVersionList"] =
        versions.map(|(number, version)| policy_version::show(policy, *number, version, true)).collect();
    shown["Description"] = policy.description.clone().into();
    shown
}

fn managed_detail(call: &Call<'_>, policy: &ManagedPolicy) -> Value {
    let mut shown = policy::show_managed(call, policy, false);
    shown["PolicyVersionList"] = json!([policy_version::show_managed(policy, true)]);
    shown
}
