//! Changes: pending until every name server has them.

use serde_json::{Value, json};

use super::name::bare;
use super::state::Change;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Pending};

/// Typical seconds until a change is in sync.
const SYNC: i64 = 35;

/// Submits a change and gives its info for the answer.
pub(super) fn submit(call: &mut Call<'_>, comment: Option<String>) -> Value {
    let id = format!("C0{}", call.world_mut().dice.text(19, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"));
    let change = Change { in_sync: false, submitted: call.now, comment };
    let shown = show(&id, &change);
    call.account_state_mut().route53.changes.insert(&id, change);
    call.begin(&id, "sync", SYNC);
    shown
}

fn show(id: &str, change: &Change) -> Value {
    json!({
        "Id": format!("/change/{id}"), "Status": if change.in_sync { "INSYNC" } else { "PENDING" },
        "SubmittedAt": change.submitted.value(), "Comment": change.comment,
    })
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html>
pub(super) fn get_change(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = bare(input.str("Id"));
    let change = call.account_state().route53.changes.get(id).ok_or_else(|| {
        Failure::new("NoSuchChange", format!("A change with the ID {id} could not be found")).status(404)
    })?;
    let shown = show(id, change);
    call.shown(id);
    Ok(json!({ "ChangeInfo": shown }).into())
}

/// Ends the way of a change to the name servers.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    if let Some(change) = call.account_state_mut().route53.changes.get_mut(&pending.subject) {
        change.in_sync = true;
    }
}
