//! Switching keys on and off, and their slow deletion.

use serde_json::json;

use super::lookup::{key, own_key, require_kept, resolve_key};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

fn switch(call: &mut Call<'_>, input: &Input, enabled: bool) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    own_key(call, &id)?.enabled = enabled;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html>
pub(super) fn enable_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    switch(call, input, true)
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html>
pub(super) fn disable_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    switch(call, input, false)
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
pub(super) fn schedule_key_deletion(call: &mut Call<'_>, input: &Input) -> Outcome {
    let days = input.integer("PendingWindowInDays").unwrap_or(30);
    if !(7..=30).contains(&days) {
        let text = format!("PendingWindowInDays must be between 7 and 30 days: {days}");
        return Err(Failure::new("ValidationException", text));
    }
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    let date = call.now.plus_seconds(days * 86_400);
    own_key(call, &id)?.deletion = Some(date);
    Ok(json!({
        "KeyId": call.arn("kms", &format!("key/{id}")), "DeletionDate": date.value(),
        "KeyState": "PendingDeletion", "PendingWindowInDays": days,
    })
    .into())
}

/// A key that was saved is disabled until it is enabled.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>
pub(super) fn cancel_key_deletion(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    let arn = call.arn("kms", &format!("key/{id}"));
    if key(call, &id)?.deletion.is_none() {
        return Err(Failure::new("KMSInvalidStateException", format!("{arn} is not pending deletion.")));
    }
    let own = own_key(call, &id)?;
    (own.deletion, own.enabled) = (None, false);
    Ok(json!({ "KeyId": arn }).into())
}
