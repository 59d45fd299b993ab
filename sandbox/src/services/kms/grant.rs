//! Grants: what others may do with a key. They are kept and shown, not enforced.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::key::{PAGES, page};
use super::lookup::{require_enabled, require_kept, resolve_key};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// A grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The key's id.
    pub key: String,
    /// The token that a caller may hand in before the grant is known everywhere.
    pub token: String,
    /// Its name.
    pub name: Option<String>,
    /// Who may.
    pub grantee: String,
    /// Who may end it.
    pub retiring: Option<String>,
    /// What may be done.
    pub operations: Vec<String>,
    /// Under which encryption context.
    pub constraints: Option<Value>,
    /// When it was made.
    pub created: Time,
}

/// A grant with a name is made once however often it is asked for.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
pub(super) fn create_grant(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_enabled(call, &id)?;
    let _ = input.tree("GrantTokens");
    let grantee = input.text("GranteePrincipal").map(str::to_owned);
    let Some(grantee) = grantee else {
        return Err(Failure::new("ValidationException", "GranteePrincipal is required."));
    };
    let grant = Grant {
        key: id,
        token: String::new(),
        name: input.text("Name").map(str::to_owned),
        grantee,
        retiring: input.text("RetiringPrincipal").map(str::to_owned),
        operations: input.texts("Operations"),
        constraints: input.tree("Constraints"),
        created: call.now,
    };
    let same = |old: &Grant| {
        Grant { token: String::new(), created: grant.created, ..old.clone() } == grant && grant.name.is_some()
    };
    let known = call.home().kms.grants.iter().find(|(_, old)| same(old));
    if let Some((id, old)) = known {
        return Ok(json!({ "GrantId": id, "GrantToken": old.token }).into());
    }
    let dice = &mut call.world_mut().dice;
    let (grant_id, token) = (dice.hex(64), dice.hex(128));
    call.home_mut().kms.grants.insert(&grant_id, Grant { token: token.clone(), ..grant });
    Ok(json!({ "GrantId": grant_id, "GrantToken": token }).into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
pub(super) fn list_grants(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    let (wanted, grantee) = (input.text("GrantId"), input.text("GranteePrincipal"));
    let rows = call.home().kms.grants.iter();
    let rows: Vec<(String, Value)> = rows
        .filter(|(grant_id, grant)| {
            grant.key == id
                && wanted.is_none_or(|wanted| wanted == *grant_id)
                && grantee.is_none_or(|grantee| grantee == grant.grantee)
        })
        .map(|(grant_id, grant)| {
            let row = json!({
                "KeyId": call.arn("kms", &format!("key/{id}")), "GrantId": grant_id, "Name": grant.name,
                "CreationDate": grant.created.value(), "GranteePrincipal": grant.grantee,
                "RetiringPrincipal": grant.retiring, "Operations": grant.operations,
                "IssuingAccount": format!("arn:aws:iam::{}:root", call.account),
                "Constraints": grant.constraints,
            });
            (grant_id.to_owned(), row)
        })
        .collect();
    page(call, input, PAGES, rows)
}

fn end(call: &mut Call<'_>, id: &str) -> Outcome {
    match call.home_mut().kms.grants.remove(id) {
        Some(_) => Ok(Answer::empty()),
        None => Err(Failure::new("NotFoundException", format!("Grant {id} is not found."))),
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>
pub(super) fn revoke_grant(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    end(call, input.str("GrantId"))
}

/// By its token, or by key and id.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html>
pub(super) fn retire_grant(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = match (input.text("GrantToken"), input.text("KeyId"), input.text("GrantId")) {
        (Some(token), None, None) => {
            let grants = call.home().kms.grants.iter();
            let found =
                grants.into_iter().find(|(_, grant)| grant.token == token).map(|(id, _)| id.to_owned());
            found
                .ok_or_else(|| Failure::new("InvalidGrantTokenException", "The grant token is not valid."))?
        }
        (None, Some(key), Some(id)) => {
            resolve_key(call, key)?;
            id.to_owned()
        }
        _ => return Err(Failure::new("ValidationException", "Give a GrantToken, or KeyId and GrantId.")),
    };
    end(call, &id)
}
