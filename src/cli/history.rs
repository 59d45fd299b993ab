//! `history`: the recorded revisions of a release.

use clap::Args;
use serde_json::json;

use super::DONE;
use super::context::Context;
use super::release::{Reached, ReleaseArgs, problem};
use crate::provider::release;
use crate::release::Revision;
use crate::ui::Problem;

/// Show the recorded revisions of a release, ours and Helm's.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    of: ReleaseArgs,
}

pub(super) async fn run(context: &Context, args: &HistoryArgs) -> Result<u8, Problem> {
    let Reached { cluster, namespace } = args.of.reach(context).await?;
    let history = release::history(&cluster, &namespace, &args.of.release).await;
    let history = history.map_err(|error| problem(&error, &args.of))?;
    if context.printer.json() {
        let revisions: Vec<_> = history
            .iter()
            .map(|revision| {
                json!({
                    "revision": revision.number(), "updated": revision.last_deployed(),
                    "status": revision.status().name(), "chart": revision.chart(),
                    "app_version": revision.app_version(), "description": revision.description(),
                })
            })
            .collect();
        context.printer.data_json(&json!({
            "schema": "platctl/history", "version": 1, "release": args.of.release, "namespace": namespace,
            "revisions": revisions,
        }));
    } else {
        context.printer.data(&table(&history));
    }
    Ok(DONE)
}

/// The columns that `helm history` has.
fn table(history: &[Revision]) -> String {
    let mut rows =
        vec![["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"].map(str::to_owned)];
    rows.extend(history.iter().map(|revision| {
        let updated = revision.last_deployed();
        // To the second: the rest of it tells nobody anything.
        let updated = updated.parse::<jiff::Timestamp>().map_or(updated.to_owned(), |at| format!("{at:.0}"));
        [
            revision.number().to_string(),
            updated,
            revision.status().to_string(),
            revision.chart(),
            revision.app_version().to_owned(),
            revision.description().to_owned(),
        ]
    }));
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let lines = rows.iter().map(|row| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
