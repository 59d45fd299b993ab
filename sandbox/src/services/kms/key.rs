//! Keys.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::lookup::{key, own_key, require_kept, resolve_key, resolve_or_make};
use super::state::Alias;
use super::{policy, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, Tags};

/// A hundred entries a page unless asked otherwise, at most a thousand.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(100), min: 1, max: 1000, strict: None, bad_token: "InvalidMarkerException" };

/// A key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// What it is for.
    pub description: String,
    /// What it can do.
    pub spec: KeySpec,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was made.
    pub created: Time,
    /// When it will be gone, if its deletion is scheduled.
    pub deletion: Option<Time>,
    /// Days between rotations, if it rotates.
    pub rotation_days: Option<i64>,
    /// When rotation was last switched on.
    pub rotation_since: Time,
    /// Rotations on demand so far.
    pub rotations: Vec<Time>,
    /// Its policy as it was given.
    pub policy: String,
    /// The secret, in hexadecimal. Nothing secret: the sandbox protects nobody's data.
    pub material: String,
    /// The AWS service that manages it.
    pub managed_by: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeySpec {
    /// AES-256-GCM.
    SymmetricDefault,
    /// ECDSA on P-256.
    EccNistP256,
}

/// The states that KMS names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// In use.
    Enabled,
    /// Switched off.
    Disabled,
    /// Going away.
    PendingDeletion,
}

impl KeyState {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
        }
    }

    /// The words in refusals.
    pub fn words(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::PendingDeletion => "pending deletion",
        }
    }
}

impl KeySpec {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
            Self::EccNistP256 => "ECC_NIST_P256",
        }
    }

    /// What it is used for.
    pub fn usage(self) -> &'static str {
        if self.encrypts() { "ENCRYPT_DECRYPT" } else { "SIGN_VERIFY" }
    }

    /// True when it encrypts.
    pub fn encrypts(self) -> bool {
        self == Self::SymmetricDefault
    }
}

impl Key {
    /// Its state.
    pub fn state(&self) -> KeyState {
        match (self.deletion, self.enabled) {
            (Some(_), _) => KeyState::PendingDeletion,
            (None, true) => KeyState::Enabled,
            (None, false) => KeyState::Disabled,
        }
    }

    /// True once its deletion date has passed.
    pub fn is_gone(&self, now: Time) -> bool {
        self.deletion.is_some_and(|date| date <= now)
    }
}

/// A key's metadata in an answer.
pub(super) fn show(call: &Call<'_>, id: &str, key: &Key) -> Value {
    let (encryption, signing) = match key.spec {
        KeySpec::SymmetricDefault => (json!(["SYMMETRIC_DEFAULT"]), Value::Null),
        KeySpec::EccNistP256 => (Value::Null, json!(["ECDSA_SHA_256"])),
    };
    json!({
        "AWSAccountId": call.account, "KeyId": id, "Arn": call.arn("kms", &format!("key/{id}")),
        "CreationDate": key.created.value(), "Enabled": key.state() == KeyState::Enabled,
        "Description": key.description, "KeyUsage": key.spec.usage(), "KeyState": key.state().name(),
        "DeletionDate": key.deletion.map(Time::value), "Origin": "AWS_KMS",
        "KeyManager": if key.managed_by.is_some() { "AWS" } else { "CUSTOMER" },
        "CustomerMasterKeySpec": key.spec.name(), "KeySpec": key.spec.name(),
        "EncryptionAlgorithms": encryption, "SigningAlgorithms": signing, "MultiRegion": false,
    })
}

/// A key's specification from its name and its usage.
fn spec(input: &Input) -> Result<KeySpec, Failure> {
    let asked = input.text("KeySpec").or_else(|| input.text("CustomerMasterKeySpec"));
    let spec = match asked.unwrap_or("SYMMETRIC_DEFAULT") {
        "SYMMETRIC_DEFAULT" => KeySpec::SymmetricDefault,
        "ECC_NIST_P256" => KeySpec::EccNistP256,
        other => return Err(Failure::unmodelled(format!("KeySpec = {other}"))),
    };
    match input.text("KeyUsage") {
        Some(usage) if usage != spec.usage() => {
            let text = format!("KeyUsage {usage} is not compatible with KeySpec {}", spec.name());
            Err(Failure::new("ValidationException", text))
        }
        // An asymmetric key needs to be told what it is for.
        None if !spec.encrypts() => {
            let text = format!("You must specify a KeyUsage value for KeySpec {}", spec.name());
            Err(Failure::new("ValidationException", text))
        }
        _ => Ok(spec),
    }
}

/// Drops keys whose deletion date has passed, with their aliases and grants.
fn forget_gone(call: &mut Call<'_>) {
    let now = call.now;
    if call.home().kms.keys.values().any(|key| key.is_gone(now)) {
        let state = &mut call.home_mut().kms;
        state.keys.retain(|_, key| !key.is_gone(now));
        let keys = state.keys.clone();
        state.aliases.retain(|_, alias| keys.contains(&alias.key));
        state.grants.retain(|_, grant| keys.contains(&grant.key));
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
pub(super) fn create_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    forget_gone(call);
    let spec = spec(input)?;
    input.only("Origin", "AWS_KMS")?;
    input.only("MultiRegion", "false")?;
    let tags = tag::read(input)?;
    let policy = match input.text("Policy") {
        Some(text) => {
            policy::check(call, text, input.flag("BypassPolicyLockoutSafetyCheck").unwrap_or(false))?;
            text.to_owned()
        }
        None => policy::usual(&call.account),
    };
    let key = Key {
        description: input.str("Description").to_owned(),
        spec,
        enabled: true,
        created: call.now,
        deletion: None,
        rotation_days: None,
        rotation_since: call.now,
        rotations: Vec::new(),
        policy,
        material: call.world_mut().dice.hex(64),
        managed_by: None,
        tags,
    };
    let id = call.world_mut().dice.uuid();
    let shown = show(call, &id, &key);
    call.home_mut().kms.keys.insert(id, key);
    Ok(json!({ "KeyMetadata": shown }).into())
}

/// Makes the key that AWS manages for a service, with its alias.
pub(super) fn make_managed(call: &mut Call<'_>, service: &str) {
    let key = Key {
        description: format!("Default key that protects my {service} data when no other key is defined"),
        spec: KeySpec::SymmetricDefault,
        enabled: true,
        created: call.now,
        deletion: None,
        rotation_days: Some(365),
        rotation_since: call.now,
        rotations: Vec::new(),
        policy: policy::usual(&call.account),
        material: call.world_mut().dice.hex(64),
        managed_by: Some(service.to_owned()),
        tags: Tags::new(),
    };
    let (id, now) = (call.world_mut().dice.uuid(), call.now);
    let state = &mut call.home_mut().kms;
    state.keys.insert(&id, key);
    state.aliases.insert(format!("alias/aws/{service}"), Alias { key: id, created: now, updated: now });
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
pub(super) fn describe_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_or_make(call, input.str("KeyId"))?;
    let _ = input.tree("GrantTokens");
    Ok(json!({ "KeyMetadata": show(call, &id, key(call, &id)?) }).into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>
pub(super) fn list_keys(call: &mut Call<'_>, input: &Input) -> Outcome {
    let rows = call.home().kms.living(call.now);
    let rows = rows.filter(|(_, key)| call.visible(key.created)).map(|(id, _)| {
        (id.to_owned(), json!({ "KeyId": id, "KeyArn": call.arn("kms", &format!("key/{id}")) }))
    });
    let rows = rows.collect();
    page(call, input, PAGES, rows)
}

/// A page of a list: every list of KMS says whether it was cut.
pub(super) fn page(call: &Call<'_>, input: &Input, rules: PageRules, rows: Vec<(String, Value)>) -> Outcome {
    let mut answer = call.page(input, rules, rows)?;
    answer["Truncated"] = answer.get("NextMarker").is_some().into();
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html>
pub(super) fn update_key_description(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    own_key(call, &id)?.description = input.str("Description").to_owned();
    Ok(Answer::empty())
}
