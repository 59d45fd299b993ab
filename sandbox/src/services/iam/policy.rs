//! Managed policies: those of the account, and a look at those of AWS.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::managed::{self, ManagedPolicy};
use super::name::{no_such, over_quota, page, path, taken, unique_id};
use super::{document, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Customer managed policies an account may have.
pub(super) const POLICIES: usize = 1500;

/// Characters of a managed policy.
pub(super) const POLICY_SIZE: usize = 6144;

/// A customer managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for; cannot be changed.
    pub description: Option<String>,
    /// When it was made.
    pub created: Time,
    /// When its default version was last set.
    pub updated: Time,
    /// Versions by number, up to five.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the version in force.
    pub default: u32,
    /// The number of the newest version ever made.
    pub last: u32,
    /// Its tags.
    pub tags: Tags,
}

/// One version of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document as it was given.
    pub document: String,
    /// When it was made.
    pub created: Time,
}

/// The policy in force under an ARN, of the account or of AWS.
pub(super) fn require(call: &Call<'_>, arn: &str) -> Result<(), Failure> {
    let own = call.account_state().iam.policies.contains(arn);
    if own || managed::managed_policy(arn).is_some() {
        return Ok(());
    }
    Err(Failure::new("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable.")))
}

fn missing(arn: &str) -> Failure {
    Failure::new("NoSuchEntity", format!("Policy {arn} was not found."))
}

/// The account's own policy with this ARN, to read.
pub(super) fn find<'c>(call: &'c Call<'_>, arn: &str) -> Result<&'c Policy, Failure> {
    call.account_state().iam.policies.get(arn).ok_or_else(|| missing(arn))
}

/// The account's own policy with this ARN, to change; AWS's own cannot be.
pub(super) fn find_own<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut Policy, Failure> {
    if managed::managed_policy(arn).is_some() {
        let text = format!("Policy {arn} is owned by AWS and cannot be changed.");
        return Err(Failure::new("AccessDenied", text).status(403));
    }
    call.account_state_mut().iam.policies.get_mut(arn).ok_or_else(|| missing(arn))
}

/// The tags of a policy; AWS's own have none.
pub(super) fn tags(call: &Call<'_>, arn: &str) -> Result<Tags, Failure> {
    if managed::managed_policy(arn).is_some() {
        return Ok(Tags::new());
    }
    Ok(find(call, arn)?.tags.clone())
}

/// Checks a policy document of an identity and its size.
pub(super) fn check_document(text: &str) -> Result<(), Failure> {
    if document::size(text) > POLICY_SIZE {
        return Err(over_quota("PolicySize", POLICY_SIZE));
    }
    document::check(text, document::Kind::Identity)
        .map(drop)
        .map_err(|text| Failure::new("MalformedPolicyDocument", text))
}

/// A policy of the account in an answer; lists leave description and tags out.
pub(super) fn show(call: &Call<'_>, policy: &Policy, whole: bool) -> Value {
    let state = &call.account_state().iam;
    let mut shown = json!({
        "PolicyName": policy.name, "PolicyId": policy.id, "Arn": policy.arn, "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default), "AttachmentCount": state.attachments(&policy.arn),
        "PermissionsBoundaryUsageCount": state.boundaries(&policy.arn), "IsAttachable": true,
        "CreateDate": policy.created.value(), "UpdateDate": policy.updated.value(),
    });
    if whole {
        shown["Description"] = policy.description.clone().into();
        shown["Tags"] = tag::STYLE.write(&policy.tags);
    }
    shown
}

/// A policy of AWS in an answer.
pub(super) fn show_managed(call: &Call<'_>, policy: &ManagedPolicy, whole: bool) -> Value {
    let state = &call.account_state().iam;
    let mut shown = json!({
        "PolicyName": policy.name(), "PolicyId": policy.id(), "Arn": policy.arn(), "Path": policy.path,
        "DefaultVersionId": policy.version, "AttachmentCount": state.attachments(&policy.arn()),
        "PermissionsBoundaryUsageCount": state.boundaries(&policy.arn()), "IsAttachable": true,
        "CreateDate": policy.created().value(), "UpdateDate": policy.created().value(),
    });
    if whole {
        shown["Description"] = policy.description.as_str().into();
        shown["Tags"] = json!([]);
    }
    shown
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
pub(super) fn create_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("PolicyName").to_owned();
    let path = path(input)?;
    let document = input.str("PolicyDocument").to_owned();
    check_document(&document)?;
    let tags = tag::read(input)?;
    let state = &call.account_state().iam;
    if taken(state.policies.values().map(|policy| policy.name.as_str()), &name) {
        return Err(Failure::new(
            "EntityAlreadyExists",
            format!("A policy called {name} already exists. Duplicate names are not allowed."),
        ));
    }
    if state.policies.len() >= POLICIES {
        return Err(over_quota("PoliciesPerAccount", POLICIES));
    }
    let arn = call.global_arn("iam", &format!("policy{path}{name}"));
    let policy = Policy {
        id: unique_id(call, "ANPA"),
        arn: arn.clone(),
        name,
        path,
        description: input.text("Description").map(str::to_owned),
        created: call.now,
        updated: call.now,
        versions: BTreeMap::from([(1, PolicyVersion { document, created: call.now })]),
        default: 1,
        last: 1,
        tags,
    };
    let shown = show(call, &policy, true);
    call.account_state_mut().iam.policies.insert(arn, policy);
    Ok(json!({ "Policy": shown }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>
pub(super) fn get_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn");
    let shown = match managed::managed_policy(arn) {
        Some(policy) => show_managed(call, policy, true),
        None => show(call, find(call, arn)?, true),
    };
    Ok(json!({ "Policy": shown }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
pub(super) fn list_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let scope = input.text("Scope").unwrap_or("All");
    let prefix = input.text("PathPrefix").unwrap_or("/");
    let only_attached = input.flag("OnlyAttached").unwrap_or(false);
    let usage = input.text("PolicyUsageFilter");
    let state = &call.account_state().iam;
    let wanted = |path: &str, arn: &str| {
        let used = match usage {
            Some("PermissionsBoundary") => state.boundaries(arn) > 0,
            Some(_) => state.attachments(arn) > 0,
            None => true,
        };
        path.starts_with(prefix) && used && (!only_attached || state.attachments(arn) > 0)
    };
    let mut rows = Vec::new();
    if scope != "Local" {
        let all = managed::managed_policies().iter().filter(|policy| wanted(&policy.path, &policy.arn()));
        rows.extend(all.map(|policy| (policy.arn(), show_managed(call, policy, false))));
    }
    if scope != "AWS" {
        let own = state.policies.iter();
        let own = own.filter(|(arn, policy)| wanted(&policy.path, arn) && call.visible(policy.created));
        rows.extend(own.map(|(arn, policy)| (arn.to_owned(), show(call, policy, false))));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(page(call, input, rows)?.into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>
pub(super) fn delete_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn");
    let versions = find_own(call, arn)?.versions.len();
    let state = &mut call.account_state_mut().iam;
    if state.attachments(arn) + state.boundaries(arn) > 0 {
        let text = "Cannot delete a policy attached to entities.";
        return Err(Failure::new("DeleteConflict", text));
    }
    if versions > 1 {
        let text = "This policy has more than one version. Before you delete a policy, you must delete the \
                    policy's versions. The default version is deleted with the policy.";
        return Err(Failure::new("DeleteConflict", text));
    }
    state.policies.remove(arn);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>
pub(super) fn list_entities_for_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn");
    require(call, arn).map_err(|_| no_such(&format!("Policy {arn}")))?;
    let roles_wanted = input.text("EntityFilter").is_none_or(|filter| filter == "Role");
    let prefix = input.text("PathPrefix").unwrap_or("/");
    let bounds = input.text("PolicyUsageFilter");
    let roles = call.account_state().iam.roles.iter();
    let rows: Vec<(String, Value)> = roles
        .filter(|(_, role)| roles_wanted && role.path.starts_with(prefix))
        .filter(|(_, role)| {
            let (attached, bound) = (role.attached.contains(arn), role.boundary.as_deref() == Some(arn));
            match bounds {
                Some("PermissionsBoundary") => bound,
                Some(_) => attached,
                None => attached || bound,
            }
        })
        .map(|(name, role)| (name.to_owned(), json!({ "RoleName": role.name, "RoleId": role.id })))
        .collect();
    let (rows, marker) = call.cut(input, ("Marker", Some("MaxItems")), super::name::PAGES, rows)?;
    Ok(json!({
        "PolicyRoles": rows, "PolicyUsers": [], "PolicyGroups": [],
        "IsTruncated": marker.is_some(), "Marker": marker,
    })
    .into())
}
