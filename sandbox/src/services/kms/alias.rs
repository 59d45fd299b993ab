//! Aliases.

use serde_json::{Value, json};

use super::key::{PAGES, page};
use super::lookup::{key, require_kept, resolve_key};
use super::state::Alias;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Aliases that a key may have.
const PER_KEY: usize = 50;

fn check(name: &str) -> Result<(), Failure> {
    let invalid = |why: &str| Err(Failure::new("InvalidAliasNameException", format!("{name}: {why}")));
    match name.strip_prefix("alias/") {
        None | Some("") => {
            Err(Failure::new("ValidationException", "Invalid identifier: Alias must start with alias/"))
        }
        Some(rest) if rest.starts_with("aws/") => {
            invalid("the prefix alias/aws/ is reserved for AWS managed keys")
        }
        Some(rest) if rest.contains(':') => invalid("the name contains a letter that is not allowed"),
        Some(_) => Ok(()),
    }
}

fn missing(call: &Call<'_>, name: &str) -> Failure {
    Failure::new("NotFoundException", format!("Alias {} is not found.", call.arn("kms", name)))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
pub(super) fn create_alias(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("AliasName").to_owned();
    check(&name)?;
    let id = resolve_key(call, input.str("TargetKeyId"))?;
    require_kept(call, &id)?;
    let state = &call.home().kms;
    if state.aliases.contains(&name) {
        let text = format!("An alias with the name {} already exists", call.arn("kms", &name));
        return Err(Failure::new("AlreadyExistsException", text));
    }
    if state.aliases.values().filter(|alias| alias.key == id).count() >= PER_KEY {
        let text = format!("A key can have at most {PER_KEY} aliases.");
        return Err(Failure::new("LimitExceededException", text));
    }
    let now = call.now;
    call.home_mut().kms.aliases.insert(name, Alias { key: id, created: now, updated: now });
    Ok(Answer::empty())
}

/// The new key must be of the same kind as the old one.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>
pub(super) fn update_alias(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("AliasName").to_owned();
    check(&name)?;
    let id = resolve_key(call, input.str("TargetKeyId"))?;
    require_kept(call, &id)?;
    let Some(alias) = call.home().kms.aliases.get(&name) else { return Err(missing(call, &name)) };
    let old = call.home().kms.key(&alias.key, call.now).map(|key| key.spec);
    let new = key(call, &id)?.spec;
    if old.is_some_and(|old| old.encrypts() != new.encrypts()) {
        let text = format!(
            "Alias {name} cannot be changed from a {} key to a {} key.",
            old.map_or("", |old| old.usage()),
            new.usage()
        );
        return Err(Failure::new("ValidationException", text));
    }
    let now = call.now;
    if let Some(alias) = call.home_mut().kms.aliases.get_mut(&name) {
        (alias.key, alias.updated) = (id, now);
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>
pub(super) fn delete_alias(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("AliasName");
    check(name)?;
    match call.home_mut().kms.aliases.remove(name) {
        Some(_) => Ok(Answer::empty()),
        None => Err(missing(call, name)),
    }
}

/// Aliases of a key that is gone went with it.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
pub(super) fn list_aliases(call: &mut Call<'_>, input: &Input) -> Outcome {
    let wanted = input.text("KeyId").map(|name| resolve_key(call, name)).transpose()?;
    let state = &call.home().kms;
    let rows: Vec<(String, Value)> = state
        .aliases
        .iter()
        .filter(|(_, alias)| wanted.as_ref().is_none_or(|id| *id == alias.key))
        .filter(|(_, alias)| state.key(&alias.key, call.now).is_some() && call.visible(alias.created))
        .map(|(name, alias)| {
            let row = json!({
                "AliasName": name, "AliasArn": call.arn("kms", name), "TargetKeyId": alias.key,
                "CreationDate": alias.created.value(), "LastUpdatedDate": alias.updated.value(),
            });
            (name.to_owned(), row)
        })
        .collect();
    page(call, input, PAGES, rows)
}
