//! `status`: what stands, and how it is.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::DONE;
use super::args::EnvironmentArg;
use super::connect::connect;
use super::context::Context;
use super::{flow, images, releases_view};
use crate::apply::looks;
use crate::model::{Address, Observed, Readiness, Spec};
use crate::plan::{Purpose, Scope};
use crate::provider::Error;
use crate::state::{State, Status};
use crate::ui::{self, Problem};

/// Show what stands, and how it is.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
}

pub(super) async fn run(context: &Context, args: &StatusArgs) -> Result<u8, Problem> {
    let mut environment = context.environment(&args.environment.environment)?;
    let connection = connect(context, &environment).await?;
    let reader = connection.reader();
    let state = flow::load(&environment)?;
    // What stands is told all the same where the sources cannot be looked at.
    if let Err(problem) = images::survey(context, &mut environment, &state, &Scope::default()).await {
        context.printer.warn(&format!("whether images are up to date cannot be told: {}", problem.message));
        images::as_recorded(&mut environment, &state);
    }
    let looks = looks(&environment.desired, &state);
    let is_release = |spec: &Spec| matches!(spec, Spec::Release(_));
    let (observed, unreachable) = flow::look(&reader, looks, state.known(), is_release).await?;
    let plan = flow::plan_of(&environment, &state, &observed, Purpose::Up, &Scope::default()).ok();
    let releases = releases_view::seen(context, &environment, &state, connection.read_account()).await;
    let rows = rows(&observed, &unreachable, &state);
    if context.printer.json() {
        let resources: Vec<_> = rows
            .iter()
            .map(|(address, health, id, recorded)| {
                json!({"address": address, "health": health, "id": id, "recorded": recorded})
            })
            .collect();
        context.printer.data_json(&json!({
            "schema": "platctl/status", "version": 1, "environment": environment.name, "serial": state.serial,
            "pending": plan.as_ref().map(|plan| plan.steps.len()), "resources": resources,
            "releases": releases_view::data(&releases),
        }));
        return Ok(DONE);
    }
    context.printer.data(&table(&rows, context.printer.data_paint()));
    if !releases.is_empty() {
        let paint = context.printer.data_paint();
        let mut lines = vec![releases_view::table(&releases, Timestamp::now(), paint)];
        lines.extend(releases_view::ways_in(&environment, &releases, paint));
        context.printer.data(&format!("{}\n", lines.join("\n")));
    }
    let ready = rows.iter().filter(|row| row.1 == "ready").count();
    let changes = match &plan {
        Some(plan) if plan.is_empty() => "nothing to do".to_owned(),
        Some(plan) => {
            let pending = match plan.steps.len() {
                1 => "1 step pending".to_owned(),
                steps => format!("{steps} steps pending"),
            };
            format!("{pending}: `platctl diff {}` shows what", environment.mention)
        }
        None => "no plan can be made: `platctl diff` tells why".to_owned(),
    };
    context.printer.data(&format!("{ready} of {} ready; {changes}", rows.len()));
    Ok(DONE)
}

/// An address, how it is, its id, and whether it is recorded.
type Row = (String, String, String, String);

fn rows(observed: &BTreeMap<Address, Observed>, unreachable: &[(Address, Error)], state: &State) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (address, observed) in observed {
        let (health, id) = match observed {
            Observed::Absent => ("missing".to_owned(), String::new()),
            Observed::Leaving(why) => (format!("leaving ({why})"), String::new()),
            Observed::Present(live) => {
                let health = match &live.readiness {
                    Readiness::Ready => "ready".to_owned(),
                    Readiness::Pending(why) => format!("pending ({why})"),
                    Readiness::Failed(why) => format!("failed ({why})"),
                };
                (health, live.id.to_string())
            }
        };
        rows.push((address.to_string(), health, id, recorded(state, address)));
    }
    for (address, _) in unreachable {
        rows.push((address.to_string(), "unknown".to_owned(), String::new(), recorded(state, address)));
    }
    rows
}

fn recorded(state: &State, address: &Address) -> String {
    match state.resources.get(address) {
        None => "no",
        Some(Status::Creating { .. }) => "create interrupted",
        Some(Status::Present(record)) if record.deleting => "delete interrupted",
        Some(Status::Present(record)) if record.is_settled() => "yes",
        Some(Status::Present(_)) => "unfinished",
    }
    .to_owned()
}

fn table(rows: &[Row], paint: ui::Paint) -> String {
    let width = |column: fn(&Row) -> usize| rows.iter().map(column).max().unwrap_or(0);
    let (first, second, third) = (width(|r| r.0.len()), width(|r| r.1.len()), width(|r| r.2.len()));
    let mut out = String::new();
    for (address, health, id, recorded) in rows {
        let padded = format!("{health:second$}");
        let health = match health.as_str() {
            "ready" => paint.green(padded),
            "missing" => paint.red(padded),
            _ => paint.yellow(padded),
        };
        let note =
            if recorded == "yes" { String::new() } else { paint.yellow(format!("recorded: {recorded}")) };
        let line = format!("{address:first$}  {health}  {id:third$}  {note}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
