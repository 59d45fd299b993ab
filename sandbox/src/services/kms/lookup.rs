//! Finding a key by what a request calls it.

use super::key::{Key, KeyState, make_managed};
use crate::wire::failure::Failure;
use crate::world::Call;

/// Why a key cannot be used by another service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is none.
    Missing,
    /// It is disabled or pending deletion.
    NotEnabled,
    /// It does not encrypt.
    NotSymmetric,
}

/// The ARN of an enabled symmetric key, for services that encrypt with it.
///
/// # Errors
/// Why it cannot be used; each service refuses in its own words.
pub fn usable_key(call: &Call<'_>, name: &str) -> Result<String, Unusable> {
    let id = resolve(call, name).map_err(|_| Unusable::Missing)?;
    let key = call.home().kms.key(&id, call.now).ok_or(Unusable::Missing)?;
    if key.state() != KeyState::Enabled {
        return Err(Unusable::NotEnabled);
    }
    if !key.spec.encrypts() { Err(Unusable::NotSymmetric) } else { Ok(call.arn("kms", &format!("key/{id}"))) }
}

/// The ARN of the key behind a name, if there is one.
pub(crate) fn arn_of(call: &Call<'_>, name: &str) -> Option<String> {
    resolve(call, name).ok().map(|id| call.arn("kms", &format!("key/{id}")))
}

/// The id behind a key id, a key ARN, an alias or an alias ARN.
pub(super) fn resolve(call: &Call<'_>, name: &str) -> Result<String, Failure> {
    let mine = call.arn("kms", "");
    let local = match name.strip_prefix("arn:") {
        None => name,
        Some(_) => name.strip_prefix(&mine).ok_or_else(|| {
            let well_formed = name.starts_with("arn:aws:kms:") && name.split(':').count() == 6;
            let (code, why) = if well_formed {
                ("NotFoundException", format!("Key '{name}' does not exist"))
            } else {
                ("InvalidArnException", format!("Invalid arn {name}"))
            };
            Failure::new(code, why)
        })?,
    };
    if local.starts_with("alias/") {
        return match call.home().kms.aliases.get(local) {
            Some(alias) => Ok(alias.key.clone()),
            None => Err(Failure::new("NotFoundException", format!("Alias {mine}{local} is not found."))),
        };
    }
    let id = local.strip_prefix("key/").unwrap_or(local);
    if call.home().kms.key(id, call.now).is_some() {
        return Ok(id.to_owned());
    }
    let uuid = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let text =
        if uuid { format!("Key '{mine}key/{id}' does not exist") } else { format!("Invalid keyId '{id}'") };
    Err(Failure::new("NotFoundException", text))
}

/// As [`resolve`], for operations that take no alias.
pub(super) fn resolve_key(call: &Call<'_>, name: &str) -> Result<String, Failure> {
    if name.starts_with("alias/") || name.contains(":alias/") {
        return Err(Failure::new(
            "InvalidArnException",
            format!("{name} is an alias; a key id or ARN is needed."),
        ));
    }
    resolve(call, name)
}

/// As [`resolve`]; an alias of AWS (`alias/aws/ebs`) makes its key on first use.
pub(super) fn resolve_or_make(call: &mut Call<'_>, name: &str) -> Result<String, Failure> {
    let alias = name.rsplit_once(':').map_or(name, |(_, local)| local);
    let managed = alias.strip_prefix("alias/aws/").filter(|service| MANAGED.contains(service));
    if let Some(service) = managed
        && !call.home().kms.aliases.contains(alias)
    {
        make_managed(call, service);
    }
    resolve(call, name)
}

/// Services with a key of their own.
const MANAGED: [&str; 10] =
    ["acm", "dynamodb", "ebs", "ecr", "elasticfilesystem", "lambda", "rds", "s3", "secretsmanager", "ssm"];

/// The key, to read; `resolve` found it.
pub(super) fn key<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c Key, Failure> {
    let found = call.home().kms.key(id, call.now);
    found.ok_or_else(|| Failure::new("NotFoundException", format!("Key '{id}' does not exist")))
}

/// The key, to change; refuses those that AWS manages.
pub(super) fn own_key<'c>(call: &'c mut Call<'_>, id: &str) -> Result<&'c mut Key, Failure> {
    if key(call, id)?.managed_by.is_some() {
        let text = "AWS managed keys cannot be changed.";
        return Err(Failure::new("AccessDeniedException", text));
    }
    call.home_mut().kms.keys.get_mut(id).ok_or_else(|| Failure::internal("the key was found a moment ago"))
}

/// The refusal of a key in the wrong state for the operation.
pub(super) fn wrong_state(arn: &str, state: KeyState) -> Failure {
    match state {
        KeyState::Disabled => Failure::new("DisabledException", format!("{arn} is disabled.")),
        other => Failure::new("KMSInvalidStateException", format!("{arn} is {}.", other.words())),
    }
}

/// Refuses a key that is not enabled.
pub(super) fn require_enabled(call: &Call<'_>, id: &str) -> Result<(), Failure> {
    match key(call, id)?.state() {
        KeyState::Enabled => Ok(()),
        other => Err(wrong_state(&call.arn("kms", &format!("key/{id}")), other)),
    }
}

/// Refuses a key that is pending deletion.
pub(super) fn require_kept(call: &Call<'_>, id: &str) -> Result<(), Failure> {
    match key(call, id)?.state() {
        state @ KeyState::PendingDeletion => Err(wrong_state(&call.arn("kms", &format!("key/{id}")), state)),
        _ => Ok(()),
    }
}
