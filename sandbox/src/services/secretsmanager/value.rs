//! Values of secrets, and random passwords.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::secret::{RULES, find, find_live, row};
use super::state::{CURRENT, Version};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// A value that a request brings.
pub(super) struct Asked {
    pub(super) text: Option<String>,
    pub(super) binary: Option<String>,
}

impl Asked {
    /// The value as a version without a stage.
    pub(super) fn version(self, now: Time) -> Version {
        Version { text: self.text, binary: self.binary, stages: Vec::new(), created: now }
    }
}

/// The value of a request, if it brings one: text or bytes, not both.
pub(super) fn asked(input: &Input) -> Result<Option<Asked>, Failure> {
    let text = input.text("SecretString").map(str::to_owned);
    let binary = input.blob("SecretBinary").map(|bytes| STANDARD.encode(bytes));
    match (&text, &binary) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => {
            let text =
                "You can't specify both a binary secret value and a string secret value in the same secret.";
            Err(Failure::new("InvalidParameterException", text))
        }
        _ => Ok(Some(Asked { text, binary })),
    }
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
pub(super) fn get_secret_value(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let stage = input.text("VersionStage");
    let secret = row(call, &name)?;
    let id = match input.text("VersionId") {
        Some(id) => Some(id.to_owned()),
        None => secret.staged(stage.unwrap_or(CURRENT)).map(str::to_owned),
    };
    let found = id.and_then(|id| secret.versions.get(&id).map(|version| (id, version)));
    let fits = |version: &Version| stage.is_none_or(|stage| version.stages.iter().any(|one| one == stage));
    match found.filter(|(_, version)| fits(version)) {
        Some((id, version)) => Ok(json!({
            "ARN": secret.arn, "Name": name, "VersionId": id, "SecretString": version.text,
            "SecretBinary": version.binary, "VersionStages": version.stages,
            "CreatedDate": version.created.value(),
        })
        .into()),
        None => {
            let text =
                "Secrets Manager can't find the specified secret value for the staging label or version.";
            Err(Failure::new("ResourceNotFoundException", text))
        }
    }
}

/// Puts a version in. The same token with the same value changes nothing; with another it is refused.
fn put(
    call: &mut Call<'_>,
    name: &str,
    (token, asked): (Option<&str>, Asked),
    stages: &[String],
) -> Result<String, Failure> {
    let id = match token {
        Some(token) => token.to_owned(),
        None => call.world_mut().dice.uuid(),
    };
    let now = call.now;
    let secret = row(call, name)?;
    if let Some(version) = secret.versions.get(&id) {
        if (&version.text, &version.binary) != (&asked.text, &asked.binary) {
            let text =
                format!("You can't modify an existing version, {id}. You can only create a new version.");
            return Err(Failure::new("ResourceExistsException", text));
        }
        return Ok(id);
    }
    secret.versions.insert(id.clone(), asked.version(now));
    secret.changed = now;
    for stage in stages {
        secret.stage(stage, &id);
    }
    Ok(id)
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>
pub(super) fn put_secret_value(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let Some(asked) = asked(input)? else {
        let text = "You must provide either SecretString or SecretBinary.";
        return Err(Failure::new("InvalidRequestException", text));
    };
    let mut stages = input.texts("VersionStages");
    if stages.is_empty() {
        stages.push(CURRENT.to_owned());
    }
    let id = put(call, &name, (input.text("ClientRequestToken"), asked), &stages)?;
    let secret = row(call, &name)?;
    let stages = secret.versions.get(&id).map(|version| version.stages.clone());
    Ok(json!({ "ARN": secret.arn, "Name": name, "VersionId": id, "VersionStages": stages }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>
pub(super) fn update_secret(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let asked = asked(input)?;
    let token = input.text("ClientRequestToken");
    let (description, key) = (input.text("Description"), input.text("KmsKeyId"));
    let id = match asked {
        Some(asked) => Some(put(call, &name, (token, asked), &[CURRENT.to_owned()])?),
        None => None,
    };
    let now = call.now;
    let secret = row(call, &name)?;
    if let Some(description) = description {
        secret.description = Some(description.to_owned());
    }
    if let Some(key) = key {
        secret.key = Some(key.to_owned());
    }
    secret.changed = now;
    Ok(json!({ "ARN": secret.arn, "Name": name, "VersionId": id }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html>
pub(super) fn update_secret_version_stage(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find_live(call, input)?;
    let stage = input.str("VersionStage");
    let (from, onto) = (input.text("RemoveFromVersionId"), input.text("MoveToVersionId"));
    let secret = row(call, &name)?;
    let holder = secret.staged(stage).map(str::to_owned);
    if holder.is_some() && holder.as_deref() != from {
        let text =
            format!("The parameter RemoveFromVersionId must name the version that has the stage {stage}.");
        return Err(Failure::new("InvalidParameterException", text));
    }
    match onto {
        Some(onto) if secret.versions.contains_key(onto) => secret.stage(stage, onto),
        Some(_) => {
            let text = "Secrets Manager can't find the specified secret version.";
            return Err(Failure::new("ResourceNotFoundException", text));
        }
        None if stage == CURRENT => {
            let text = "You can't remove the staging label AWSCURRENT without moving it to another version.";
            return Err(Failure::new("InvalidParameterException", text));
        }
        None => {
            for version in secret.versions.values_mut() {
                version.stages.retain(|one| one != stage);
            }
            secret.versions.retain(|_, version| !version.stages.is_empty());
        }
    }
    Ok(json!({ "ARN": secret.arn, "Name": name }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html>
pub(super) fn list_secret_version_ids(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = find(call, input)?;
    // The model keeps no deprecated versions, so the flag changes nothing.
    input.flag("IncludeDeprecated");
    let secret = row(call, &name)?;
    let arn = secret.arn.clone();
    let rows: Vec<(String, Value)> = secret
        .versions
        .iter()
        .map(|(id, version)| {
            let row = json!({
                "VersionId": id, "VersionStages": version.stages, "CreatedDate": version.created.value(),
            });
            (id.clone(), row)
        })
        .collect();
    let (versions, next) = call.cut(input, ("NextToken", Some("MaxResults")), RULES, rows)?;
    Ok(json!({ "ARN": arn, "Name": name, "Versions": versions, "NextToken": next }).into())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>
pub(super) fn get_random_password(call: &mut Call<'_>, input: &Input) -> Outcome {
    let length = usize::try_from(input.integer("PasswordLength").unwrap_or(32)).unwrap_or(32);
    let without = input.text("ExcludeCharacters").unwrap_or_default().to_owned();
    let set = |flag: &str, letters: &str| -> String {
        if input.flag(flag) == Some(true) {
            return String::new();
        }
        letters.chars().filter(|letter| !without.contains(*letter)).collect()
    };
    let mut sets = vec![
        set("ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"),
        set("ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        set("ExcludeNumbers", "0123456789"),
        set("ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ];
    if input.flag("IncludeSpace") == Some(true) {
        sets.push(" ".to_owned());
    }
    sets.retain(|letters| !letters.is_empty());
    let every = input.flag("RequireEachIncludedType") != Some(false);
    if sets.is_empty() || (every && length < sets.len()) {
        let text = "The password cannot be generated with these exclusions and this length.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let dice = &mut call.world_mut().dice;
    let mut password = String::new();
    if every {
        sets.iter().for_each(|letters| password.push_str(&dice.text(1, letters)));
    }
    password.push_str(&dice.text(length - password.len(), &sets.concat()));
    // The first letters are of known kinds; turning the text takes that away.
    let turn = usize::try_from(dice.below(length as u64)).unwrap_or(0);
    let turned = format!("{}{}", &password[turn..], &password[..turn]);
    Ok(json!({ "RandomPassword": turned }).into())
}
