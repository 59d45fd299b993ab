//! The account as a whole, and the caller as a user.

use serde_json::json;

use super::name::{no_such, page};
use super::{attached, inline, instance_profile, policy, role};
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// Counts and quotas.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
pub(super) fn get_account_summary(call: &mut Call<'_>, _: &Input) -> Outcome {
    let state = &call.account_state().iam;
    let versions: usize = state.policies.values().map(|policy| policy.versions.len()).sum();
    Ok(json!({ "SummaryMap": {
        "Users": 0, "Groups": 0, "ServerCertificates": 0, "MFADevices": 0, "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0,
        "Roles": state.roles.len(), "RolesQuota": role::ROLES,
        "AssumeRolePolicySizeQuota": role::TRUST_SIZE, "RolePolicySizeQuota": inline::TOGETHER,
        "AttachedPoliciesPerRoleQuota": attached::PER_ROLE,
        "Policies": state.policies.len(), "PoliciesQuota": policy::POLICIES,
        "PolicySizeQuota": policy::POLICY_SIZE, "PolicyVersionsInUse": versions, "VersionsPerPolicyQuota": 5,
        "InstanceProfiles": state.instance_profiles.len(), "InstanceProfilesQuota": instance_profile::PROFILES,
        "Providers": state.oidc_providers.len(), "GlobalEndpointTokenVersion": 1,
    }})
    .into())
}

/// An account without an alias.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>
pub(super) fn list_account_aliases(call: &mut Call<'_>, input: &Input) -> Outcome {
    Ok(page(call, input, Vec::new())?.into())
}

/// The caller, when it is a user; no other users exist.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
pub(super) fn get_user(call: &mut Call<'_>, input: &Input) -> Outcome {
    let caller = call.caller();
    let name = caller.arn.split_once(":user/").map(|(_, name)| name.to_owned());
    let wanted = input.text("UserName");
    match name {
        Some(name) if wanted.is_none_or(|wanted| wanted == name) => Ok(json!({ "User": {
            "Path": "/", "UserName": name, "UserId": caller.user_id, "Arn": caller.arn, "CreateDate": 0,
        }})
        .into()),
        _ => Err(no_such(&format!("The user with name {}", wanted.unwrap_or("of the caller")))),
    }
}
