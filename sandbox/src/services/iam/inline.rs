//! Inline policies of roles.

use serde_json::json;

use super::name::{encoded, page};
use super::{document, role};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Characters of all inline policies of a role together.
pub(super) const TOGETHER: usize = 10_240;

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
pub(super) fn put_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, text) = (input.str("PolicyName"), input.str("PolicyDocument"));
    let role = role::find_own(call, input.str("RoleName"))?;
    document::check(text, document::Kind::Identity)
        .map_err(|text| Failure::new("MalformedPolicyDocument", text))?;
    role.inline.insert(name.to_owned(), text.to_owned());
    if role.inline.values().map(|text| document::size(text)).sum::<usize>() > TOGETHER {
        let text = format!("Maximum policy size of {TOGETHER} bytes exceeded for role {}", role.name);
        return Err(Failure::new("LimitExceeded", text));
    }
    Ok(Answer::empty())
}

fn missing(name: &str) -> Failure {
    Failure::new("NoSuchEntity", format!("The role policy with name {name} cannot be found."))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
pub(super) fn get_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("PolicyName");
    let role = role::find(call, input.str("RoleName"))?;
    let text = role.inline.get(name).ok_or_else(|| missing(name))?;
    Ok(json!({ "RoleName": role.name, "PolicyName": name, "PolicyDocument": encoded(text) }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>
pub(super) fn delete_role_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("PolicyName");
    let role = role::find_own(call, input.str("RoleName"))?;
    role.inline.remove(name).ok_or_else(|| missing(name))?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>
pub(super) fn list_role_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let role = role::find(call, input.str("RoleName"))?;
    let rows = role.inline.keys().map(|name| (name.clone(), name.as_str().into())).collect();
    Ok(page(call, input, rows)?.into())
}
