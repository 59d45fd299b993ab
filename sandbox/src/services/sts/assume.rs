//! Temporary credentials.

use serde_json::{Value, json};

use crate::services::Outcome;
use crate::services::iam::document;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Principal};

/// Makes credentials for a principal and gives them for the answer.
fn credentials(call: &mut Call<'_>, principal: Principal, seconds: i64) -> Value {
    let expires = call.now.plus_seconds(seconds);
    let dice = &mut call.world_mut().dice;
    let key = format!("ASIA{}", dice.text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (secret, token) = (dice.text(40, letters), dice.text(200, letters));
    call.world_mut()
        .keys
        .insert(&key, Principal { expires: Some(expires), secret: Some(secret.clone()), ..principal });
    json!({ "AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "Expiration": expires.value() })
}

/// True when a statement of a trust policy lets the caller assume the role.
fn admits(statement: &Value, caller: &Principal, external: Option<&str>) -> bool {
    let actions = document::texts(statement.get("Action"));
    let action = actions.iter().any(|action| crate::world::matches(&action.to_lowercase(), "sts:assumerole"));
    let wrapped = json!({ "Statement": [statement] });
    let root = format!("arn:aws:iam::{}:root", caller.account);
    // A session stands for its role, and the root of an account for all of it.
    let role = caller.arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    let role = role.map(|name| format!("arn:aws:iam::{}:role/{name}", caller.account));
    let named = document::principals(&wrapped).iter().any(|(kind, value)| {
        let whole = [root.as_str(), caller.account.as_str(), caller.arn.as_str(), "*"].contains(value);
        *kind == "AWS" && (whole || role.as_deref() == Some(*value))
    });
    action && named && conditions_hold(statement, external)
}

/// The one condition of the model is on the external id; any other does not hold.
fn conditions_hold(statement: &Value, external: Option<&str>) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else { return true };
    conditions.iter().all(|(operator, keys)| {
        keys.as_object().into_iter().flatten().all(|(key, values)| {
            operator == "StringEquals"
                && key.eq_ignore_ascii_case("sts:ExternalId")
                && external.is_some_and(|external| document::texts(Some(values)).contains(&external))
        })
    })
}

/// Session policies and tags narrow or describe a session, which the model does not follow: they are refused.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) fn assume_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (arn, session) = (input.str("RoleArn"), input.str("RoleSessionName").to_owned());
    let external = input.text("ExternalId");
    let caller = call.caller();
    let denied = || {
        let text =
            format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}", caller.arn);
        Failure::new("AccessDenied", text).status(403)
    };
    let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
    let state = call.world().accounts.get(&account);
    let role = state.and_then(|state| state.iam.role_by_arn(arn, |created| call.visible(created)));
    let role = role.cloned().ok_or_else(denied)?;
    let trust: Value = serde_json::from_str(&role.trust).unwrap_or_default();
    let statements = document::statements(&trust);
    let effect = |statement: &&Value, wanted: &str| statement["Effect"] == wanted;
    let admitted = |wanted: &str| {
        statements.iter().filter(|one| effect(one, wanted)).any(|one| admits(one, &caller, external))
    };
    if !admitted("Allow") || admitted("Deny") {
        return Err(denied());
    }
    let seconds = input.integer("DurationSeconds").unwrap_or(3600);
    if seconds > role.max_session {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(Failure::new("ValidationError", text));
    }
    let session_arn = format!("arn:aws:sts::{account}:assumed-role/{}/{session}", role.name);
    let user_id = format!("{}:{session}", role.id);
    let principal = Principal {
        account,
        arn: session_arn.clone(),
        user_id: user_id.clone(),
        expires: None,
        secret: None,
    };
    let credentials = credentials(call, principal, seconds);
    Ok(json!({
        "Credentials": credentials, "AssumedRoleUser": { "AssumedRoleId": user_id, "Arn": session_arn },
    })
    .into())
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(super) fn get_session_token(call: &mut Call<'_>, input: &Input) -> Outcome {
    let seconds = input.integer("DurationSeconds").unwrap_or(43_200);
    let principal = call.caller();
    let credentials = credentials(call, principal, seconds);
    Ok(json!({ "Credentials": credentials }).into())
}
