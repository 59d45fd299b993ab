//! Instance profiles.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{exists, no_such, over_quota, page, path, taken, unique_id};
use super::{role, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Instance profiles an account may have.
pub(super) const PROFILES: usize = 1000;

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// `AIPA…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Time,
    /// The one role that it may hold.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A profile in an answer.
pub(super) fn show(call: &Call<'_>, profile: &InstanceProfile) -> Value {
    let held = profile.role.iter().filter_map(|name| call.account_state().iam.roles.get(name));
    json!({
        "Path": profile.path, "InstanceProfileName": profile.name, "InstanceProfileId": profile.id,
        "Arn": profile.arn, "CreateDate": profile.created.value(),
        "Roles": held.map(|role| role.show(false)).collect::<Vec<_>>(), "Tags": tag::STYLE.write(&profile.tags),
    })
}

fn find<'c>(call: &'c Call<'_>, name: &str) -> Result<&'c InstanceProfile, Failure> {
    let profiles = &call.account_state().iam.instance_profiles;
    profiles.get(name).ok_or_else(|| no_such(&format!("Instance Profile {name}")))
}

/// The profile called `name`, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut InstanceProfile, Failure> {
    let profiles = &mut call.account_state_mut().iam.instance_profiles;
    profiles.get_mut(name).ok_or_else(|| no_such(&format!("Instance Profile {name}")))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>
pub(super) fn create_instance_profile(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("InstanceProfileName").to_owned();
    let path = path(input)?;
    let tags = tag::read(input)?;
    let profiles = &call.account_state().iam.instance_profiles;
    if taken(profiles.ids(), &name) {
        return Err(exists("Instance Profile", &name));
    }
    if profiles.len() >= PROFILES {
        return Err(over_quota("InstanceProfilesPerAccount", PROFILES));
    }
    let profile = InstanceProfile {
        arn: call.global_arn("iam", &format!("instance-profile{path}{name}")),
        id: unique_id(call, "AIPA"),
        name: name.clone(),
        path,
        created: call.now,
        role: None,
        tags,
    };
    let shown = show(call, &profile);
    call.account_state_mut().iam.instance_profiles.insert(name, profile);
    Ok(json!({ "InstanceProfile": shown }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html>
pub(super) fn get_instance_profile(call: &mut Call<'_>, input: &Input) -> Outcome {
    let profile = find(call, input.str("InstanceProfileName"))?;
    Ok(json!({ "InstanceProfile": show(call, profile) }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>
pub(super) fn list_instance_profiles(call: &mut Call<'_>, input: &Input) -> Outcome {
    let prefix = input.text("PathPrefix").unwrap_or("/");
    let rows = rows(call, |profile| profile.path.starts_with(prefix));
    Ok(page(call, input, rows)?.into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>
pub(super) fn list_instance_profiles_for_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = role::find(call, input.str("RoleName"))?.name.clone();
    let rows = rows(call, |profile| profile.role.as_ref() == Some(&name));
    Ok(page(call, input, rows)?.into())
}

fn rows(call: &Call<'_>, wanted: impl Fn(&InstanceProfile) -> bool) -> Vec<(String, Value)> {
    let profiles = call.account_state().iam.instance_profiles.iter();
    profiles
        .filter(|(_, profile)| wanted(profile) && call.visible(profile.created))
        .map(|(name, profile)| (name.to_owned(), show(call, profile)))
        .collect()
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>
pub(super) fn add_role_to_instance_profile(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = role::find_own(call, input.str("RoleName"))?.name.clone();
    let profile = find_mut(call, input.str("InstanceProfileName"))?;
    if profile.role.is_some() {
        return Err(over_quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(name);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html>
pub(super) fn remove_role_from_instance_profile(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = role::find_own(call, input.str("RoleName"))?.name.clone();
    let profile = find_mut(call, input.str("InstanceProfileName"))?;
    if profile.role.as_ref() != Some(&name) {
        return Err(no_such(&format!("Role {name} in instance profile {}", profile.name)));
    }
    profile.role = None;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>
pub(super) fn delete_instance_profile(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("InstanceProfileName");
    if find(call, name)?.role.is_some() {
        let text = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(Failure::new("DeleteConflict", text));
    }
    call.account_state_mut().iam.instance_profiles.remove(name);
    Ok(Answer::empty())
}
