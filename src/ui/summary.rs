//! What a run did, after it.

use std::fmt::Write;
use std::time::Duration;

use super::paint::Paint;
use super::problem::Problem;
use super::words::duration;
use crate::apply::{Failure, Report};
use crate::model::Action;
use crate::plan::Plan;

/// What was done, how long it took, and where the time went.
pub fn summary(plan: &Plan, report: &Report, paint: Paint) -> String {
    let count = |action: Action| {
        let done = |id: &usize| plan.steps[*id].action == action;
        report.done.iter().filter(|ended| done(&ended.step)).count()
    };
    let words = [
        (Action::Create, "created"),
        (Action::Adopt, "recorded"),
        (Action::Update, "changed"),
        (Action::Delete, "deleted"),
        (Action::Forget, "dropped"),
    ];
    let parts: Vec<String> = words
        .iter()
        .map(|(action, word)| (count(*action), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let what = if parts.is_empty() { "nothing was done".to_owned() } else { parts.join(", ") };
    let sign = if report.is_complete() { paint.green("✓") } else { paint.red("✗") };
    let mut out = format!("{sign} {}: {what} in {}", plan.environment, duration(report.took));
    if report.is_complete() {
        let mut slowest = report.done.clone();
        slowest.sort_by_key(|ended| std::cmp::Reverse(ended.took));
        let slowest: Vec<String> = slowest
            .iter()
            .take(3)
            .filter(|ended| ended.took >= Duration::from_secs(1))
            .map(|ended| format!("{} {}", plan.steps[ended.step].address, duration(ended.took)))
            .collect();
        if !slowest.is_empty() {
            let _infallible =
                write!(out, "\n  {} {}", paint.dim("most of it:"), paint.dim(slowest.join(", ")));
        }
    }
    out
}

/// The failures of a run: causes first, each with what it kept from being started.
pub fn failures(plan: &Plan, report: &Report, paint: Paint) -> String {
    let mut out = String::new();
    for Failure { step, error, blocked } in &report.failed {
        let step = &plan.steps[*step];
        let problem = Problem::from_error(1, error);
        let _infallible = writeln!(
            out,
            "{} {} {}: {}",
            paint.red("✗"),
            step.action.as_str(),
            step.address,
            problem.message
        );
        for cause in problem.causes {
            let _infallible = writeln!(out, "    {} {cause}", paint.dim("because:"));
        }
        if !blocked.is_empty() {
            let names: Vec<String> =
                blocked.iter().take(5).map(|id| plan.steps[*id].address.to_string()).collect();
            let more = if blocked.len() > 5 { ", …" } else { "" };
            let _infallible = writeln!(
                out,
                "    {} {}{more}",
                paint.dim(format!("keeps {} from starting:", blocked.len())),
                names.join(", ")
            );
        }
    }
    for (steps, words) in [
        (&report.left, "not started"),
        (&report.aborted, "cut short; the next run finds out what became of it"),
    ] {
        if !steps.is_empty() {
            let names: Vec<String> =
                steps.iter().take(8).map(|id| plan.steps[*id].address.to_string()).collect();
            let more = if steps.len() > 8 { ", …" } else { "" };
            let _infallible = writeln!(out, "{} {words}: {}{more}", paint.yellow("•"), names.join(", "));
        }
    }
    out
}
