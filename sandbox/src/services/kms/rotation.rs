//! Rotation of symmetric keys.

use serde_json::{Value, json};

use super::key::{Key, KeyState, PAGES, page};
use super::lookup::{key, own_key, require_enabled, resolve_key};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Days between rotations unless asked otherwise.
const USUAL: i64 = 365;

/// Rotations on demand that a key allows in its life.
const ON_DEMAND: usize = 25;

fn symmetric(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    let id = resolve_key(call, input.str("KeyId"))?;
    if !key(call, &id)?.spec.encrypts() {
        let text = "The request is rejected because the specified key does not support rotation.";
        return Err(Failure::new("UnsupportedOperationException", text));
    }
    Ok(id)
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html>
pub(super) fn enable_key_rotation(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = symmetric(call, input)?;
    require_enabled(call, &id)?;
    let (days, now) = (input.integer("RotationPeriodInDays").unwrap_or(USUAL), call.now);
    let key = own_key(call, &id)?;
    if key.rotation_days != Some(days) {
        (key.rotation_days, key.rotation_since) = (Some(days), now);
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html>
pub(super) fn disable_key_rotation(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = symmetric(call, input)?;
    require_enabled(call, &id)?;
    own_key(call, &id)?.rotation_days = None;
    Ok(Answer::empty())
}

/// A key that is pending deletion does not rotate, and says so.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
pub(super) fn get_key_rotation_status(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = symmetric(call, input)?;
    let key = key(call, &id)?;
    let days = key.rotation_days.filter(|_| key.state() != KeyState::PendingDeletion);
    Ok(json!({
        "KeyId": call.arn("kms", &format!("key/{id}")), "KeyRotationEnabled": days.is_some(),
        "RotationPeriodInDays": days, "NextRotationDate": days.map(|days| next(key, days, call.now).value()),
    })
    .into())
}

fn next(key: &Key, days: i64, now: Time) -> Time {
    let period = days * 86_400_000;
    let passed = (now.0 - key.rotation_since.0).max(0) / period;
    Time(key.rotation_since.0 + (passed + 1) * period)
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
pub(super) fn rotate_key_on_demand(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = symmetric(call, input)?;
    require_enabled(call, &id)?;
    let (arn, now) = (call.arn("kms", &format!("key/{id}")), call.now);
    let key = own_key(call, &id)?;
    if key.rotations.len() >= ON_DEMAND {
        let text = format!("{arn} has reached the limit of {ON_DEMAND} on-demand rotations.");
        return Err(Failure::new("LimitExceededException", text));
    }
    key.rotations.push(now);
    Ok(json!({ "KeyId": arn }).into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
pub(super) fn list_key_rotations(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = symmetric(call, input)?;
    let arn = call.arn("kms", &format!("key/{id}"));
    let key = key(call, &id)?;
    let by_schedule = key.rotation_days.into_iter().flat_map(|days| {
        let due = move |n: i64| Time(key.rotation_since.0 + n * days * 86_400_000);
        (1..).map(due).take_while(|date| *date <= call.now).map(|date| (date, "AUTOMATIC"))
    });
    let on_demand = key.rotations.iter().map(|date| (*date, "ON_DEMAND"));
    let mut all: Vec<(Time, &str)> = by_schedule.chain(on_demand).collect();
    all.sort();
    let rows: Vec<(String, Value)> = all
        .into_iter()
        .map(|(date, kind)| {
            let row = json!({ "KeyId": arn, "RotationDate": date.value(), "RotationType": kind });
            (format!("{:016}", date.0), row)
        })
        .collect();
    page(call, input, PAGES, rows)
}
