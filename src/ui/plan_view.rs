//! A plan as people read it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::paint::Paint;
use super::words::{duration, few, part, value};
use crate::model::{Action, Effect, Kind, Origin, Spec};
use crate::plan::{Forecast, Plan, PlannedChange, Reason, Step};

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What changes.
    #[default]
    Changes,
    /// Everything of what is made, too.
    Everything,
}

/// A plan as a tree by part of the platform, what changes a field at a time, and the totals.
pub fn plan_view(plan: &Plan, paint: Paint, detail: Detail) -> String {
    let mut out = String::new();
    if plan.steps.is_empty() {
        let _infallible = writeln!(
            out,
            "{} {} stands as it should: {} resources, nothing to do.",
            paint.green("✓"),
            plan.environment,
            plan.unchanged.len()
        );
        images_unchanged(&mut out, plan, paint);
        skipped(&mut out, plan, paint);
        return out;
    }
    let mut parts: BTreeMap<(usize, &str), Vec<&Step>> = BTreeMap::new();
    let mut first_seen: Vec<&str> = Vec::new();
    for step in plan.steps.iter().filter(|step| !(step.replaces && step.action == Action::Delete)) {
        let part = part(step.address.kind);
        let place = first_seen.iter().position(|seen| *seen == part).unwrap_or_else(|| {
            first_seen.push(part);
            first_seen.len() - 1
        });
        parts.entry((place, part)).or_default().push(step);
    }
    for ((_, part), steps) in &parts {
        let _infallible = writeln!(out, "{} {}", paint.bold(part), paint.dim(format!("({})", steps.len())));
        for (at, step) in steps.iter().enumerate() {
            let last = at + 1 == steps.len();
            step_lines(&mut out, step, if last { ("└─", "  ") } else { ("├─", "│ ") }, paint, detail);
        }
        out.push('\n');
    }
    totals(&mut out, plan, paint);
    images_unchanged(&mut out, plan, paint);
    skipped(&mut out, plan, paint);
    forecast(&mut out, plan, paint);
    out
}

fn step_lines(out: &mut String, step: &Step, (branch, below): (&str, &str), paint: Paint, detail: Detail) {
    let sign = match (step.replaces, step.action) {
        (true, _) => paint.red("±"),
        (_, Action::Create) => paint.green("+"),
        (_, Action::Adopt) => paint.cyan("»"),
        (_, Action::Update) => paint.yellow("~"),
        (_, Action::Forget) => paint.dim("○"),
        _ => paint.red("-"),
    };
    let name = match step.action {
        Action::Delete => paint.red(&step.address),
        _ => step.address.to_string(),
    };
    let why = reason(step).map(|why| format!("  {}", paint.dim(why))).unwrap_or_default();
    let _infallible = writeln!(out, "{} {sign} {name}{why}", paint.dim(branch));
    let told = |change: &&PlannedChange| !is_source(&step.spec, &change.change.field);
    for change in step.changes.iter().filter(told) {
        let _infallible = writeln!(out, "{}     {}", paint.dim(below), change_line(change, paint));
    }
    if detail == Detail::Everything && step.action == Action::Create && step.changes.is_empty() {
        for (field, shown) in fields(&step.spec) {
            let _infallible =
                writeln!(out, "{}     {}", paint.dim(below), paint.dim(format!("{field}: {shown}")));
        }
    }
}

fn reason(step: &Step) -> Option<String> {
    let left = match &step.spec {
        Spec::Leftover(leftover) => Some(leftover.words()),
        _ => None,
    };
    match &step.reason {
        Reason::Missing | Reason::Differs if matches!(step.spec, Spec::Image(_)) => image_words(step),
        Reason::Missing | Reason::Undesired => None,
        Reason::Destroyed => left,
        Reason::Differs if step.replaces => Some("replaced: it cannot be changed in place".to_owned()),
        Reason::Differs => None,
        Reason::Vanished if step.action == Action::Create => Some("was removed by somebody else".to_owned()),
        Reason::Vanished => None,
        Reason::Leaving => Some("once the old one is gone".to_owned()),
        Reason::Unrecorded => Some("is there and ours: recorded".to_owned()),
        Reason::Broken(why) => Some(format!("replaced: {why}")),
    }
}

/// The files that an image is made from are told in one line, by the first of their names.
fn is_source(spec: &Spec, field: &str) -> bool {
    matches!(spec, Spec::Image(_)) && field.starts_with("sources.")
}

fn image_words(step: &Step) -> Option<String> {
    let Spec::Image(image) = &step.spec else { return None };
    let fields = step.changes.iter().filter_map(|change| change.change.field.strip_prefix("sources."));
    let changed: Vec<&str> = fields.collect();
    let of_sources = match changed.as_slice() {
        [] => String::new(),
        names => format!(" (sources changed: {})", few(names)),
    };
    Some(match (step.action, &image.digest) {
        (Action::Update, _) => format!("the same bytes from other sources{of_sources}"),
        (_, Some(_)) if step.reason == Reason::Missing => "built, to be pushed".to_owned(),
        (_, None) if step.reason == Reason::Missing => "to be built and pushed".to_owned(),
        (_, Some(_)) => format!("rebuilt{of_sources}, to be pushed"),
        (_, None) => format!("rebuild{of_sources}"),
    })
}

fn change_line(planned: &PlannedChange, paint: Paint) -> String {
    let PlannedChange { change, origin } = planned;
    let field = match change.effect {
        Effect::Replace => paint.red(&change.field),
        Effect::InPlace | Effect::Anew => change.field.clone(),
    };
    let mut line = format!("{field}: {} → {}", value(&change.before), value(&change.after));
    if change.effect == Effect::Replace {
        line.push_str(&paint.red("  forces the replacement"));
    }
    match origin {
        Origin::Drift => line.push_str(&paint.yellow("  changed outside platctl")),
        Origin::Replacement => line.push_str(&paint.dim("  made anew")),
        Origin::Configuration => {}
    }
    line
}

/// The set fields of a spec, tags aside.
fn fields(spec: &Spec) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(mut outer)) = serde_json::to_value(spec) else { return Vec::new() };
    let Some(serde_json::Value::Object(fields)) = outer.remove("spec") else { return Vec::new() };
    fields
        .into_iter()
        .filter(|(field, value)| field != "tags" && !value.is_null())
        .map(|(field, shown)| (field, value(&crate::model::Shown::Value(shown))))
        .collect()
}

fn totals(out: &mut String, plan: &Plan, paint: Paint) {
    let totals = plan.totals();
    let words = [
        (Action::Create, "to create"),
        (Action::Adopt, "to record"),
        (Action::Update, "to change"),
        (Action::Replace, "to replace"),
        (Action::Delete, "to delete"),
        (Action::Forget, "gone, to be dropped"),
    ];
    let counted: Vec<String> = words
        .iter()
        .filter(|(action, _)| totals.of(*action) > 0)
        .map(|(action, words)| {
            let text = format!("{} {words}", totals.of(*action));
            match action {
                Action::Replace | Action::Delete => paint.red(text),
                Action::Create => paint.green(text),
                _ => paint.yellow(text),
            }
        })
        .collect();
    let unchanged = match plan.unchanged.len() {
        0 => String::new(),
        n => format!("; {n} unchanged"),
    };
    let _infallible = writeln!(out, "{} {}{unchanged}.", paint.bold("Plan:"), counted.join(", "));
}

/// Of images it is asked most often whether they will be built, so those that will not are named.
fn images_unchanged(out: &mut String, plan: &Plan, paint: Paint) {
    let images = plan.unchanged.iter().filter(|address| address.kind == Kind::Image);
    let names: Vec<&str> = images.map(|address| address.name.as_str()).collect();
    if !names.is_empty() {
        let text = format!("Images unchanged, neither built nor pushed: {}", names.join(", "));
        let _infallible = writeln!(out, "{}", paint.dim(text));
    }
}

fn skipped(out: &mut String, plan: &Plan, paint: Paint) {
    if !plan.skipped.is_empty() {
        let names: Vec<String> =
            plan.skipped.iter().map(|(address, action)| format!("{} {address}", action.as_str())).collect();
        let _infallible = writeln!(out, "{} {}", paint.yellow("Left out as asked:"), names.join(", "));
    }
}

fn forecast(out: &mut String, plan: &Plan, paint: Paint) {
    let Forecast { time, path, is_measured } = plan.forecast();
    let mut names: Vec<String> = path.iter().map(|&step| plan.steps[step].address.to_string()).collect();
    names.dedup();
    let shown = match names.as_slice() {
        [] => return,
        [first, .., last] if names.len() > 6 => format!("{first} → … {} steps … → {last}", names.len() - 2),
        all => all.join(" → "),
    };
    let time = duration(time);
    let words = if is_measured {
        format!("As before: about {time}.")
    } else {
        format!("On AWS typically about {time}.")
    };
    let text = format!("{words} The longest chain: {shown}");
    let _infallible = writeln!(out, "{}", paint.dim(text));
}
