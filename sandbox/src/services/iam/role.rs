//! Roles.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{encoded, exists, no_such, over_quota, page, path, taken, unique_id};
use super::{document, policy, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Roles an account may have: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(super) const ROLES: usize = 1000;

/// Characters of a trust policy.
pub(super) const TRUST_SIZE: usize = 2048;

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// `AROA…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Who may assume it, as it was given.
    pub trust: String,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session: i64,
    /// When it was made.
    pub created: Time,
    /// ARNs of the managed policies.
    pub attached: BTreeSet<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The service that owns it, if it is service-linked.
    pub linked_to: Option<String>,
}

impl Role {
    /// True when the trust policy lets a service (for example `eks.amazonaws.com`) assume the role.
    pub fn trusts(&self, service: &str) -> bool {
        let Ok(document) = serde_json::from_str(&self.trust) else { return false };
        document::principals(&document).contains(&("Service", service))
    }

    /// True when an AWS-managed policy of this name is attached, whatever its path.
    pub fn has_managed(&self, name: &str) -> bool {
        let of_aws = |arn: &&String| arn.starts_with("arn:aws:iam::aws:policy/");
        self.attached.iter().filter(of_aws).any(|arn| arn.rsplit('/').next() == Some(name))
    }

    /// The role in an answer. Lists leave tags, boundary and last use out, as IAM documents.
    pub(super) fn show(&self, whole: bool) -> Value {
        let mut shown = json!({
            "Path": self.path, "RoleName": self.name, "RoleId": self.id, "Arn": self.arn,
            "CreateDate": self.created.value(), "AssumeRolePolicyDocument": encoded(&self.trust),
            "Description": self.description, "MaxSessionDuration": self.max_session,
        });
        if whole {
            shown["Tags"] = tag::STYLE.write(&self.tags);
            shown["PermissionsBoundary"] = self.show_boundary();
            shown["RoleLastUsed"] = json!({});
        }
        shown
    }

    pub(super) fn show_boundary(&self) -> Value {
        self.boundary.as_ref().map_or(
            Value::Null,
            |arn| json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn }),
        )
    }
}

/// The role called `name`.
pub(super) fn find<'c>(call: &'c Call<'_>, name: &str) -> Result<&'c Role, Failure> {
    call.account_state().iam.roles.get(name).ok_or_else(|| no_such(&format!("The role with name {name}")))
}

/// The role called `name`, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Role, Failure> {
    find(call, name)?;
    call.account_state_mut()
        .iam
        .roles
        .get_mut(name)
        .ok_or_else(|| Failure::internal("the role was found a moment ago"))
}

/// As [`find_mut`], refusing roles that belong to a service.
pub(super) fn find_own<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Role, Failure> {
    let role = find_mut(call, name)?;
    if role.linked_to.is_some() {
        let text = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(Failure::new("UnmodifiableEntity", text));
    }
    Ok(role)
}

/// Checks a trust policy, its size, and that the roles of this account that it names exist.
fn check_trust(call: &Call<'_>, text: &str) -> Result<(), Failure> {
    let malformed = |text: String| Failure::new("MalformedPolicyDocument", text);
    if document::size(text) > TRUST_SIZE {
        return Err(over_quota("ACLSizePerRole", TRUST_SIZE));
    }
    let parsed = document::check(text, document::Kind::Trust).map_err(malformed)?;
    let state = &call.account_state().iam;
    for (kind, principal) in document::principals(&parsed) {
        let mine = principal.strip_prefix(&format!("arn:aws:iam::{}:role/", call.account));
        let known = mine.is_none_or(|_| state.role_by_arn(principal, |made| call.visible(made)).is_some());
        if kind == "AWS" && !known {
            return Err(malformed(format!("Invalid principal in policy: \"AWS\":\"{principal}\"")));
        }
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(super) fn create_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("RoleName").to_owned();
    let path = path(input)?;
    let trust = input.str("AssumeRolePolicyDocument").to_owned();
    let tags = tag::read(input)?;
    check_trust(call, &trust)?;
    let boundary = input.text("PermissionsBoundary").map(str::to_owned);
    if let Some(arn) = &boundary {
        policy::require(call, arn)?;
    }
    let state = &call.account_state().iam;
    if taken(state.roles.ids(), &name) {
        return Err(exists("Role", &name));
    }
    if state.roles.values().filter(|role| role.linked_to.is_none()).count() >= ROLES {
        return Err(over_quota("RolesPerAccount", ROLES));
    }
    let role = Role {
        arn: call.global_arn("iam", &format!("role{path}{name}")),
        id: unique_id(call, "AROA"),
        name: name.clone(),
        path,
        trust,
        description: input.text("Description").map(str::to_owned),
        max_session: input.integer("MaxSessionDuration").unwrap_or(3600),
        created: call.now,
        attached: BTreeSet::new(),
        inline: BTreeMap::new(),
        boundary,
        tags,
        linked_to: None,
    };
    let shown = role.show(true);
    call.account_state_mut().iam.roles.insert(name, role);
    Ok(json!({ "Role": shown }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
pub(super) fn get_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    Ok(json!({ "Role": find(call, input.str("RoleName"))?.show(true) }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
pub(super) fn list_roles(call: &mut Call<'_>, input: &Input) -> Outcome {
    let prefix = input.text("PathPrefix").unwrap_or("/");
    let roles = call.account_state().iam.roles.iter();
    let rows = roles
        .filter(|(_, role)| role.path.starts_with(prefix) && call.visible(role.created))
        .map(|(name, role)| (name.to_owned(), role.show(false)))
        .collect();
    Ok(page(call, input, rows)?.into())
}

/// What is left out stays as it is.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>
pub(super) fn update_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let role = find_own(call, input.str("RoleName"))?;
    if let Some(text) = input.text("Description") {
        role.description = Some(text.to_owned());
    }
    role.max_session = input.integer("MaxSessionDuration").unwrap_or(role.max_session);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>
pub(super) fn update_role_description(call: &mut Call<'_>, input: &Input) -> Outcome {
    let role = find_own(call, input.str("RoleName"))?;
    role.description = Some(input.str("Description").to_owned());
    Ok(json!({ "Role": role.show(true) }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>
pub(super) fn update_assume_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let document = input.str("PolicyDocument").to_owned();
    find_own(call, input.str("RoleName"))?;
    check_trust(call, &document)?;
    find_own(call, input.str("RoleName"))?.trust = document;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>
pub(super) fn put_role_permissions_boundary(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PermissionsBoundary").to_owned();
    policy::require(call, &arn)?;
    find_own(call, input.str("RoleName"))?.boundary = Some(arn);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>
pub(super) fn delete_role_permissions_boundary(call: &mut Call<'_>, input: &Input) -> Outcome {
    let role = find_own(call, input.str("RoleName"))?;
    if role.boundary.take().is_none() {
        return Err(no_such(&format!("The permissions boundary of role {}", role.name)));
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
pub(super) fn delete_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("RoleName");
    let role = find_own(call, name)?;
    let conflict =
        |text: &str| Err(Failure::new("DeleteConflict", format!("Cannot delete entity, {text} first.")));
    if !role.attached.is_empty() {
        return conflict("must detach all policies");
    }
    if !role.inline.is_empty() {
        return conflict("must delete policies");
    }
    let state = &mut call.account_state_mut().iam;
    if state.instance_profiles.values().any(|profile| profile.role.as_deref() == Some(name)) {
        return conflict("must remove roles from instance profile");
    }
    state.roles.remove(name);
    Ok(Answer::empty())
}
