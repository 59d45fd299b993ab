//! Plans for programs.

use serde_json::{Value, json};

use crate::model::{Action, Spec};
use crate::plan::Plan;

/// The version of the JSON that `--json` prints for a plan. A field may be added under the same version; none
/// is taken away or given another meaning.
pub const PLAN_SCHEMA_VERSION: u32 = 1;

/// A plan for programs.
pub fn plan_json(plan: &Plan) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            json!({
                "address": step.address,
                "action": step.action,
                "part_of_replacement": step.replaces,
                "reason": step.reason,
                "id": step.id,
                "after": step.after,
                "left_by_cluster": match &step.spec {
                    Spec::Leftover(leftover) => json!({
                        "what": leftover.words(),
                        "data_loss": leftover.data_loss,
                        "cost_a_day_usd": leftover.cost_a_day,
                    }),
                    _ => Value::Null,
                },
                "typical_seconds": step.duration().as_secs(),
                "measured": step.measured_ms.is_some(),
                "changes": step.changes.iter().map(|planned| json!({
                    "field": planned.change.field,
                    "before": planned.change.before,
                    "after": planned.change.after,
                    "effect": planned.change.effect,
                    "origin": planned.origin,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let totals = plan.totals();
    let forecast = plan.forecast();
    json!({
        "schema": "platctl/plan",
        "version": PLAN_SCHEMA_VERSION,
        "environment": plan.environment,
        "purpose": plan.purpose,
        "serial": plan.serial,
        "pending": !plan.is_empty(),
        "totals": {
            "create": totals.of(Action::Create),
            "adopt": totals.of(Action::Adopt),
            "update": totals.of(Action::Update),
            "replace": totals.of(Action::Replace),
            "delete": totals.of(Action::Delete),
            "forget": totals.of(Action::Forget),
            "unchanged": plan.unchanged.len(),
        },
        "typical_seconds": forecast.time.as_secs(),
        "critical_path": forecast.path,
        "measured": forecast.is_measured,
        "steps": steps,
        "unchanged": plan.unchanged,
        "skipped": plan.skipped.iter().map(|(address, action)| json!({"address": address, "action": action}))
            .collect::<Vec<_>>(),
    })
}
