//! Versions of managed policies.

use serde_json::{Value, json};

use super::managed;
use super::name::{encoded, page};
use super::policy::{self, Policy, PolicyVersion};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Versions of a policy that are kept at a time.
const VERSIONS: usize = 5;

/// A version in an answer; lists and creates leave the document out.
pub(super) fn show(policy: &Policy, number: u32, version: &PolicyVersion, document: bool) -> Value {
    let document = document.then(|| encoded(&version.document));
    json!({
        "VersionId": format!("v{number}"), "IsDefaultVersion": number == policy.default,
        "CreateDate": version.created.value(), "Document": document,
    })
}

/// The number in `v3`, if the policy has that version.
fn number(policy: &Policy, id: &str) -> Result<u32, Failure> {
    id.strip_prefix('v')
        .and_then(|digits| digits.parse().ok())
        .filter(|number| policy.versions.contains_key(number))
        .ok_or_else(|| {
            let text = format!("Policy {} version {id} does not exist or is not attachable.", policy.arn);
            Failure::new("NoSuchEntity", text)
        })
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>
pub(super) fn create_policy_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let document = input.str("PolicyDocument").to_owned();
    let set_default = input.flag("SetAsDefault").unwrap_or(false);
    let now = call.now;
    let policy = policy::find_own(call, input.str("PolicyArn"))?;
    policy::check_document(&document)?;
    if policy.versions.len() >= VERSIONS {
        let text = format!(
            "A managed policy can have up to {VERSIONS} versions. Before you create a new version, you must \
             delete an existing version."
        );
        return Err(Failure::new("LimitExceeded", text));
    }
    policy.last += 1;
    let version = PolicyVersion { document, created: now };
    policy.versions.insert(policy.last, version.clone());
    if set_default {
        (policy.default, policy.updated) = (policy.last, now);
    }
    Ok(json!({ "PolicyVersion": show(policy, policy.last, &version, false) }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
pub(super) fn get_policy_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (arn, id) = (input.str("PolicyArn"), input.str("VersionId"));
    if let Some(aws) = managed::managed_policy(arn) {
        if id != aws.version {
            let text = format!("Policy {arn} version {id} does not exist or is not attachable.");
            return Err(Failure::new("NoSuchEntity", text));
        }
        return Ok(json!({ "PolicyVersion": show_managed(aws, true) }).into());
    }
    let policy = policy::find(call, arn)?;
    let number = number(policy, id)?;
    Ok(json!({ "PolicyVersion": show(policy, number, &policy.versions[&number], true) }).into())
}

/// The version in force of an AWS-managed policy; older ones are not modelled.
pub(super) fn show_managed(policy: &managed::ManagedPolicy, document: bool) -> Value {
    let document = document.then(|| encoded(&policy.document.to_string()));
    json!({
        "VersionId": policy.version, "IsDefaultVersion": true,
        "CreateDate": policy.created().value(), "Document": document,
    })
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>
pub(super) fn list_policy_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn");
    let rows = match managed::managed_policy(arn) {
        Some(aws) => vec![(aws.version.clone(), show_managed(aws, false))],
        None => {
            let policy = policy::find(call, arn)?;
            // Newest first, as IAM lists them: the keys of the pages count down.
            let versions = policy.versions.iter().rev();
            versions
                .map(|(number, version)| {
                    (format!("{:010}", u32::MAX - number), show(policy, *number, version, false))
                })
                .collect()
        }
    };
    Ok(page(call, input, rows)?.into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>
pub(super) fn set_default_policy_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let now = call.now;
    let policy = policy::find_own(call, input.str("PolicyArn"))?;
    (policy.default, policy.updated) = (number(policy, input.str("VersionId"))?, now);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>
pub(super) fn delete_policy_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let policy = policy::find_own(call, input.str("PolicyArn"))?;
    let number = number(policy, input.str("VersionId"))?;
    if number == policy.default {
        let text = "Cannot delete the default version of a policy.";
        return Err(Failure::new("DeleteConflict", text));
    }
    policy.versions.remove(&number);
    Ok(Answer::empty())
}
