//! Managed policies attached to roles.

use serde_json::{Value, json};

use super::name::{over_quota, page};
use super::{policy, role};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Managed policies that a role may have.
pub(super) const PER_ROLE: usize = 10;

/// One attached policy in an answer.
pub(super) fn show(arn: &str) -> Value {
    json!({ "PolicyName": arn.rsplit('/').next(), "PolicyArn": arn })
}

/// Attaching twice is no error.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>
pub(super) fn attach_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn").to_owned();
    role::find(call, input.str("RoleName"))?;
    policy::require(call, &arn)?;
    let role = role::find_own(call, input.str("RoleName"))?;
    if arn.contains(":aws:policy/aws-service-role/") {
        let text = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(Failure::new("PolicyNotAttachable", text));
    }
    if !role.attached.contains(&arn) && role.attached.len() >= PER_ROLE {
        return Err(over_quota("PoliciesPerRole", PER_ROLE));
    }
    role.attached.insert(arn);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>
pub(super) fn detach_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("PolicyArn");
    if !role::find_own(call, input.str("RoleName"))?.attached.remove(arn) {
        return Err(Failure::new("NoSuchEntity", format!("Policy {arn} was not found.")));
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>
pub(super) fn list_attached_role_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let prefix = input.text("PathPrefix").unwrap_or("/");
    let role = role::find(call, input.str("RoleName"))?;
    let below = |arn: &&String| arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(prefix));
    let rows = role.attached.iter().filter(below).map(|arn| (arn.clone(), show(arn))).collect();
    Ok(page(call, input, rows)?.into())
}
