//! Key policies.

use serde_json::{Value, json};

use super::key::{PAGES, page};
use super::lookup::{key, own_key, require_kept, resolve_key};
use crate::services::Outcome;
use crate::services::iam::document;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The policy of a key that was made without one.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
pub(super) fn usual(account: &str) -> String {
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions", "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") }, "Action": "kms:*", "Resource": "*",
        }],
    });
    format!("{policy:#}")
}

/// Checks grammar, that the roles of this account that it names exist, and that the caller can still change it.
pub(super) fn check(call: &Call<'_>, text: &str, bypass: bool) -> Result<(), Failure> {
    let malformed = |text: &str| Failure::new("MalformedPolicyDocumentException", text);
    let parsed = document::check(text, document::Kind::Resource).map_err(|text| malformed(&text))?;
    let roles = format!("arn:aws:iam::{}:role/", call.account);
    let state = &call.account_state().iam;
    let unknown = document::principals(&parsed).into_iter().find(|(kind, principal)| {
        *kind == "AWS"
            && principal.starts_with(&roles)
            && state.role_by_arn(principal, |made| call.visible(made)).is_none()
    });
    if unknown.is_some() {
        return Err(malformed("Policy contains a statement with one or more invalid principals."));
    }
    if !bypass && !document::statements(&parsed).into_iter().any(|statement| lets_change(call, statement)) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(())
}

fn lets_change(call: &Call<'_>, statement: &Value) -> bool {
    let actions = document::texts(statement.get("Action"));
    let covers = actions.iter().any(|action| crate::world::matches(action, "kms:PutKeyPolicy"));
    let caller = call.caller().arn;
    let account =
        [call.account.clone(), format!("arn:aws:iam::{}:root", call.account), caller, "*".to_owned()];
    let alone = json!({ "Statement": [statement] });
    let principals = document::principals(&alone);
    let mine = principals
        .iter()
        .any(|(kind, principal)| *kind == "AWS" && account.iter().any(|own| own == principal));
    statement["Effect"] == "Allow" && covers && mine
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
pub(super) fn get_key_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("PolicyName", "default")?;
    let id = resolve_key(call, input.str("KeyId"))?;
    Ok(json!({ "Policy": key(call, &id)?.policy, "PolicyName": "default" }).into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
pub(super) fn put_key_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    input.only("PolicyName", "default")?;
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    let text = input.str("Policy").to_owned();
    check(call, &text, input.flag("BypassPolicyLockoutSafetyCheck").unwrap_or(false))?;
    own_key(call, &id)?.policy = text;
    Ok(Answer::empty())
}

/// There is never another policy than the one called `default`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html>
pub(super) fn list_key_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    resolve_key(call, input.str("KeyId"))?;
    page(call, input, PAGES, vec![("default".to_owned(), "default".into())])
}
