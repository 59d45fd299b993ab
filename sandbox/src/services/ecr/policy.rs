//! Access policies and lifecycle policies of repositories.

use serde_json::{Value, json};

use super::repository::{find, find_mut};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

fn shown(call: &Call<'_>, input: &Input, member: &str, text: &str) -> Outcome {
    Ok(json!({ "registryId": call.account, "repositoryName": input.str("repositoryName"), member: text })
        .into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html>
pub(super) fn set_repository_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    // ECR takes the flag for policies that would lock their author out, which the model does not work out.
    input.flag("force");
    let text = input.str("policyText").to_owned();
    let good = matches!(serde_json::from_str::<Value>(&text), Ok(Value::Object(policy)) if policy.contains_key("Statement"));
    if !good {
        let text = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
        return Err(Failure::new("InvalidParameterException", text));
    }
    find_mut(call, input)?.policy = Some(text.clone());
    shown(call, input, "policyText", &text)
}

fn no_policy(call: &Call<'_>, input: &Input) -> Failure {
    let text = format!(
        "Repository policy does not exist for the repository with name '{}' in the registry with id '{}'",
        input.str("repositoryName"),
        call.account
    );
    Failure::new("RepositoryPolicyNotFoundException", text)
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html>
pub(super) fn get_repository_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    match find(call, input)?.policy.clone() {
        Some(text) => shown(call, input, "policyText", &text),
        None => Err(no_policy(call, input)),
    }
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepositoryPolicy.html>
pub(super) fn delete_repository_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    match find_mut(call, input)?.policy.take() {
        Some(text) => shown(call, input, "policyText", &text),
        None => Err(no_policy(call, input)),
    }
}

/// The policy must be rules with priorities of their own, each with a selection and an action.
fn check_lifecycle(text: &str) -> Result<(), Failure> {
    let bad = |why: &str| {
        let text = format!(
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: {why}'"
        );
        Failure::new("InvalidParameterException", text)
    };
    let policy: Value = serde_json::from_str(text).map_err(|_| bad("the policy is no JSON"))?;
    let rules = policy["rules"]
        .as_array()
        .filter(|rules| !rules.is_empty())
        .ok_or_else(|| bad("rules are required"))?;
    let mut priorities = Vec::new();
    for rule in rules {
        let priority = rule["rulePriority"].as_u64().filter(|priority| *priority > 0);
        priorities.push(priority.ok_or_else(|| bad("rulePriority must be a positive integer"))?);
        let selection = &rule["selection"];
        if !["tagged", "untagged", "any"].contains(&selection["tagStatus"].as_str().unwrap_or_default()) {
            return Err(bad("tagStatus must be tagged, untagged or any"));
        }
        if selection["countNumber"].as_u64().is_none_or(|count| count == 0)
            || rule["action"]["type"].as_str().is_none()
        {
            return Err(bad("a rule needs a positive countNumber and an action"));
        }
    }
    priorities.sort_unstable();
    if priorities.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(bad("rulePriority must be unique"));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html>
pub(super) fn put_lifecycle_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let text = input.str("lifecyclePolicyText").to_owned();
    check_lifecycle(&text)?;
    find_mut(call, input)?.lifecycle = Some(text.clone());
    shown(call, input, "lifecyclePolicyText", &text)
}

fn no_lifecycle(call: &Call<'_>, input: &Input) -> Failure {
    let text = format!(
        "Lifecycle policy does not exist for the repository with name '{}' in the registry with id '{}'",
        input.str("repositoryName"),
        call.account
    );
    Failure::new("LifecyclePolicyNotFoundException", text)
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html>
pub(super) fn get_lifecycle_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    match find(call, input)?.lifecycle.clone() {
        Some(text) => shown(call, input, "lifecyclePolicyText", &text),
        None => Err(no_lifecycle(call, input)),
    }
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteLifecyclePolicy.html>
pub(super) fn delete_lifecycle_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    match find_mut(call, input)?.lifecycle.take() {
        Some(text) => shown(call, input, "lifecyclePolicyText", &text),
        None => Err(no_lifecycle(call, input)),
    }
}
