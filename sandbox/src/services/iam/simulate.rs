//! What a principal would be allowed, without asking for it.

use serde_json::{Value, json};

use super::enforce::{document_of, documents};
use super::evaluate::{Asked, Verdict, verdict};
use super::name::{no_such, page};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Account, Call};

/// The policies of a principal, and its boundary if it has one.
struct Allowed {
    policies: Vec<Value>,
    boundary: Option<Vec<Value>>,
}

/// Only the principal's own policies take part; a user may do everything, as in every call.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
pub(super) fn simulate_principal_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let allowed = allowed(call.account_state(), input.str("PolicySourceArn"))?;
    let mut resources = input.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let mut rows = Vec::new();
    for action in input.texts("ActionNames") {
        if !action.contains(':') {
            return Err(Failure::new("InvalidInput", format!("Invalid action: {action}")));
        }
        for resource in &resources {
            let row = json!({
                "EvalActionName": action, "EvalResourceName": resource,
                "EvalDecision": decision(allowed.as_ref(), &action, resource),
                "MatchedStatements": [], "MissingContextValues": [],
            });
            rows.push((format!("{action} {resource}"), row));
        }
    }
    Ok(page(call, input, rows)?.into())
}

fn allowed(account: &Account, arn: &str) -> Result<Option<Allowed>, Failure> {
    let Some((_, path)) = arn.split_once(":role/") else {
        let is_user = arn.contains(":user/");
        let text = "Invalid Entity Arn: must be the ARN of a user, a group or a role.";
        return if is_user { Ok(None) } else { Err(Failure::new("InvalidInput", text)) };
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let role = account.iam.roles.get(name).filter(|role| role.arn == arn);
    let role = role.ok_or_else(|| no_such(&format!("The role with name {name}")))?;
    let boundary = role.boundary.as_deref().map(|arn| document_of(account, arn).into_iter().collect());
    Ok(Some(Allowed { policies: documents(account, role), boundary }))
}

fn decision(allowed: Option<&Allowed>, action: &str, resource: &str) -> &'static str {
    let Some(Allowed { policies, boundary }) = allowed else { return "allowed" };
    let asked = Asked {
        action: action.to_owned(),
        resources: vec![resource.to_owned()],
        context: std::collections::BTreeMap::new(),
    };
    let bounded = boundary.as_ref().map_or(Verdict::Allowed, |boundary| verdict(boundary, &asked));
    match (verdict(policies, &asked), bounded) {
        (Verdict::Denied, _) | (_, Verdict::Denied) => "explicitDeny",
        (Verdict::Allowed, Verdict::Allowed) => "allowed",
        _ => "implicitDeny",
    }
}
