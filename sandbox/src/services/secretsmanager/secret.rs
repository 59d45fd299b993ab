//! Secrets: their life and what describes them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::{CURRENT, Secret};
use super::value;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, TagStyle, matches};

/// How Secrets Manager spells tags.
const STYLE: TagStyle = TagStyle {
    key: "Key",
    value: "Value",
    invalid: "InvalidParameterException",
    too_many: "InvalidParameterException",
};

/// The name of the secret that a request means: by name, by ARN, or by ARN without the six characters.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn find(call: &mut Call<'_>, input: &Input) -> Result<String, Failure> {
    forget_gone(call);
    let found = by_id(call, input.str("SecretId"));
    found.map(|(name, _)| name.to_owned()).ok_or_else(|| {
        Failure::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    })
}

/// The secret behind a name, an ARN, or an ARN without the letters that AWS adds.
fn by_id<'c>(call: &'c Call<'_>, wanted: &str) -> Option<(&'c str, &'c Secret)> {
    call.home().secretsmanager.secrets.iter().find(|(name, secret)| {
        let partial = secret.arn.rsplit_once('-').is_some_and(|(stem, _)| stem == wanted);
        *name == wanted || secret.arn == wanted || partial
    })
}

/// The ARN of the secret behind a name, if there is one.
pub(crate) fn arn_of(call: &Call<'_>, wanted: &str) -> Option<String> {
    by_id(call, wanted).map(|(_, secret)| secret.arn.clone())
}

/// As [`find`], and refuses a secret that is marked for deletion.
pub(super) fn find_live(call: &mut Call<'_>, input: &Input) -> Result<String, Failure> {
    let name = find(call, input)?;
    let marked =
        call.home().secretsmanager.secrets.get(&name).is_some_and(|secret| secret.deletion.is_some());
    if marked {
        let text = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(Failure::new("InvalidRequestException", text));
    }
    Ok(name)
}

/// Drops secrets whose recovery window is over.
fn forget_gone(call: &mut Call<'_>) {
    let now = call.now;
    let over = |secret: &Secret| secret.deletion.is_some_and(|(_, end)| end <= now);
    if call.home().secretsmanager.secrets.values().any(over) {
        call.home_mut().secretsmanager.secrets.retain(|_, secret| !over(secret));
    }
}

/// The secret of this name, to change it.
pub(super) fn row<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Secret, Failure> {
    let found = call.home_mut().secretsmanager.secrets.get_mut(name);
    found.ok_or_else(|| Failure::internal("the secret was found a moment ago"))
}

/// A new version's id is its client token. The same token and value again gives the same secret.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
pub(super) fn create_secret(call: &mut Call<'_>, input: &Input) -> Outcome {
    forget_gone(call);
    let name = input.str("Name").to_owned();
    let tags = STYLE.read(input.list("Tags"))?;
    let asked = value::asked(input)?;
    let token = input.text("ClientRequestToken").map(str::to_owned);
    let (description, key) = (input.text("Description"), input.text("KmsKeyId"));
    if let Some(secret) = call.home().secretsmanager.secrets.get(&name) {
        if secret.deletion.is_some() {
            let text = "You can't create this secret because a secret with this name is already scheduled for deletion.";
            return Err(Failure::new("InvalidRequestException", text));
        }
        let same = token.as_ref().and_then(|token| secret.versions.get(token)).is_some_and(|version| {
            asked.as_ref().is_some_and(|asked| asked.text == version.text && asked.binary == version.binary)
        });
        if !same {
            let text = format!("The operation failed because the secret {name} already exists.");
            return Err(Failure::new("ResourceExistsException", text));
        }
        return Ok(json!({ "ARN": secret.arn, "Name": name, "VersionId": token }).into());
    }
    let suffix =
        call.world_mut().dice.text(6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    let mut secret = Secret {
        arn: call.arn("secretsmanager", &format!("secret:{name}-{suffix}")),
        description: description.map(str::to_owned),
        key: key.map(str::to_owned),
        tags,
        versions: BTreeMap::new(),
        policy: None,
        created: call.now,
        changed: call.now,
        deletion: None,
    };
    let arn = secret.arn.clone();
    let version = asked.map(|asked| {
        let id = token.unwrap_or_else(|| call.world_mut().dice.uuid());
        secret.versions.insert(id.clone(), asked.version(call.now));
        secret.stage(CURRENT, &id);
        id
    });
    call.home_mut().secretsmanager.secrets.insert(&name, secret);
    Ok(json!({ "ARN": arn, "Name": name, "VersionId": version }).into())
}

fn stages(secret: &Secret) -> Value {
    let rows = secret.versions.iter().map(|(id, version)| (id.clone(), json!(version.stages)));
    Value::Object(rows.collect())
}

fn show(name: &str, secret: &Secret, stages_member: &str) -> Value {
    json!({
        "ARN": secret.arn, "Name": name, "Description": secret.description, "KmsKeyId": secret.key,
        "LastChangedDate": secret.changed.value(), "CreatedDate": secret.created.value(),
        "DeletedDate": secret.deletion.map(|(at, _)| at.value()), "Tags": STYLE.write(&secret.tags),
        stages_member: stages(secret),
    })
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>
pub(super) fn describe_secret(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find(call, input)?;
    Ok(show(&name, row(call, &name)?, "VersionIdsToStages").into())
}

/// Filters match the beginnings of words; the model matches the beginning of the whole value.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
pub(super) fn list_secrets(call: &mut Call<'_>, input: &Input) -> Outcome {
    forget_gone(call);
    let planned = input.flag("IncludePlannedDeletion") == Some(true);
    let filters: Vec<(String, Vec<String>)> = input
        .list("Filters")
        .iter()
        .map(|filter| (filter.str("Key").to_owned(), filter.texts("Values")))
        .collect();
    if let Some((key, _)) = filters
        .iter()
        .find(|(key, _)| !["name", "description", "tag-key", "tag-value", "all"].contains(&key.as_str()))
    {
        return Err(Failure::unmodelled(format!("the filter {key} of secretsmanager:ListSecrets")));
    }
    let passes = |name: &str, secret: &Secret| {
        filters.iter().all(|(key, wanted)| {
            let any = |value: &str| {
                wanted.iter().any(|wanted| match wanted.strip_prefix('!') {
                    Some(not) => !matches(&format!("{not}*"), value),
                    None => matches(&format!("{wanted}*"), value),
                })
            };
            let description = secret.description.as_deref().unwrap_or_default();
            match key.as_str() {
                "name" => any(name),
                "description" => any(description),
                "tag-key" => secret.tags.keys().any(|key| any(key)),
                "tag-value" => secret.tags.values().any(|value| any(value)),
                _ => {
                    any(name)
                        || any(description)
                        || secret.tags.iter().any(|(key, value)| any(key) || any(value))
                }
            }
        })
    };
    let rows = call
        .home()
        .secretsmanager
        .secrets
        .iter()
        .filter(|(name, secret)| (planned || secret.deletion.is_none()) && passes(name, secret))
        .filter(|(_, secret)| call.visible(secret.created))
        .map(|(name, secret)| (name.to_owned(), show(name, secret, "SecretVersionsToStages")))
        .collect();
    Ok(call.page(input, RULES, rows)?.into())
}

/// How Secrets Manager pages.
pub(super) const RULES: PageRules =
    PageRules { default: Some(100), min: 1, max: 100, strict: None, bad_token: "InvalidNextTokenException" };

/// "If you forcibly delete an already deleted or nonexistent secret, the operation does not return
/// `ResourceNotFoundException`."
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>
pub(super) fn delete_secret(call: &mut Call<'_>, input: &Input) -> Outcome {
    let force = input.flag("ForceDeleteWithoutRecovery") == Some(true);
    let window = input.integer("RecoveryWindowInDays");
    if force && window.is_some() {
        let text = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let days = window.unwrap_or(30);
    if !(7..=30).contains(&days) {
        let text = "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let now = call.now;
    let name = match find(call, input) {
        Ok(name) if force => name,
        Err(failure) if force && failure.code == "ResourceNotFoundException" => {
            let asked = input.str("SecretId").to_owned();
            return Ok(json!({ "Name": asked, "DeletionDate": now.value() }).into());
        }
        _ => find_live(call, input)?,
    };
    let end = if force { now } else { Time(now.0 + days * 86_400_000) };
    let secret = row(call, &name)?;
    secret.deletion = Some((now, end));
    let arn = secret.arn.clone();
    if force {
        call.home_mut().secretsmanager.secrets.remove(&name);
    }
    Ok(json!({ "ARN": arn, "Name": name, "DeletionDate": end.value() }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>
pub(super) fn restore_secret(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find(call, input)?;
    let secret = row(call, &name)?;
    secret.deletion = None;
    Ok(json!({ "ARN": secret.arn, "Name": name }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>
pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let tags = STYLE.read(input.list("Tags"))?;
    STYLE.merge(&mut row(call, &name)?.tags, tags)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html>
pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let keys = input.texts("TagKeys");
    row(call, &name)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}

/// True when a policy lets everybody in: an `Allow` for the principal `*` without any condition.
fn is_public(document: &Value) -> bool {
    let statements = match &document["Statement"] {
        Value::Array(entries) => entries.as_slice(),
        one => std::slice::from_ref(one),
    };
    let everybody = |principal: &Value| match principal {
        Value::Array(entries) => entries.iter().any(|entry| entry == "*"),
        one => one == "*",
    };
    statements.iter().any(|statement| {
        let principal = &statement["Principal"];
        let open = everybody(principal) || everybody(&principal["AWS"]);
        statement["Effect"] == "Allow" && open && statement["Condition"].is_null()
    })
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>
pub(super) fn put_resource_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let block = input.flag("BlockPublicPolicy") == Some(true);
    let policy = input.str("ResourcePolicy").to_owned();
    let Ok(document @ Value::Object(_)) = serde_json::from_str::<Value>(&policy) else {
        let text = "This resource policy contains a syntax error.";
        return Err(Failure::new("MalformedPolicyDocumentException", text));
    };
    if block && is_public(&document) {
        let text = "You set the BlockPublicPolicy parameter, and the resource policy allows broad access to the secret.";
        return Err(Failure::new("PublicPolicyException", text));
    }
    let secret = row(call, &name)?;
    secret.policy = Some(policy);
    Ok(json!({ "ARN": secret.arn, "Name": name }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>
pub(super) fn get_resource_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let secret = row(call, &name)?;
    Ok(json!({ "ARN": secret.arn, "Name": name, "ResourcePolicy": secret.policy }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html>
pub(super) fn delete_resource_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let secret = row(call, &name)?;
    secret.policy = None;
    Ok(json!({ "ARN": secret.arn, "Name": name }).into())
}
