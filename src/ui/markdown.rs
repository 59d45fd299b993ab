//! Plans for pull requests.

use std::fmt::Write;

use super::paint::Paint;
use super::plan_view::{Detail, plan_view};
use crate::model::Action;
use crate::plan::Plan;

/// A plan as a Markdown comment: the totals, what removes something before all else, and the rest folded.
pub fn plan_markdown(plan: &Plan) -> String {
    let mut out = format!("### platctl: `{}`\n\n", plan.environment);
    if plan.is_empty() {
        let _infallible =
            writeln!(out, "No changes. {} resources stand as they should.", plan.unchanged.len());
        return out;
    }
    let totals = plan.totals();
    out.push_str("| create | record | change | replace | delete | unchanged |\n|--:|--:|--:|--:|--:|--:|\n");
    let _infallible = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} |\n",
        totals.of(Action::Create),
        totals.of(Action::Adopt),
        totals.of(Action::Update),
        totals.of(Action::Replace),
        totals.of(Action::Delete),
        plan.unchanged.len()
    );
    let removed: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Delete)
        .map(|step| format!("`{}`{}", step.address, if step.replaces { " (replaced)" } else { "" }))
        .collect();
    if !removed.is_empty() {
        let _infallible = writeln!(out, "**Removes:** {}\n", removed.join(", "));
    }
    let view = plan_view(plan, Paint::default(), Detail::Changes);
    let fence = "`".repeat(3.max(longest_run(&view) + 1));
    let _infallible =
        writeln!(out, "<details><summary>The plan</summary>\n\n{fence}\n{view}{fence}\n\n</details>");
    out
}

/// The longest run of backticks in a text: a fence must be longer.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
