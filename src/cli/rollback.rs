//! `rollback`: an earlier revision of a release, again.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::DONE;
use super::context::Context;
use super::release::{Reached, ReleaseArgs, problem};
use crate::provider::kube::Change;
use crate::provider::release::{Order, Told, roll_back};
use crate::ui::{Printer, Problem};

/// Bring a release back to an earlier revision, as a new revision.
///
/// Takes releases of Helm's as well as ours: their records are the same.
#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    #[command(flatten)]
    of: ReleaseArgs,
    /// The revision to go back to; the last one before this that stood, if it is not given
    #[arg(value_name = "REVISION")]
    revision: Option<u64>,
    /// Take fields that others own
    #[arg(long)]
    force_conflicts: bool,
    /// How long the objects of a stage may take to be ready, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// How many revisions are kept
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
}

pub(super) async fn run(context: &Context, args: &RollbackArgs) -> Result<u8, Problem> {
    let Reached { cluster, namespace } = args.of.reach(context).await?;
    let order = Order {
        release: &args.of.release,
        namespace: &namespace,
        to: args.revision,
        force_conflicts: args.force_conflicts,
        patience: Duration::from_secs(args.timeout),
        keep: usize::from(args.keep),
    };
    let printer = context.printer;
    let tell = move |told: Told| say(printer, &told);
    let outcome = roll_back(&cluster, order, Timestamp::now(), &tell).await;
    let outcome = outcome.map_err(|error| problem(&error, &args.of))?;
    if printer.json() {
        printer.data_json(&json!({
            "schema": "platctl/rollback", "version": 1, "release": args.of.release, "namespace": namespace,
            "revision": outcome.revision, "from": outcome.from,
        }));
    } else {
        printer.data(&format!(
            "{} is at revision {}, which has the objects of revision {}",
            args.of.release, outcome.revision, outcome.from
        ));
    }
    Ok(DONE)
}

fn say(printer: Printer, told: &Told) {
    let line = match told {
        Told::Applied { object, change: Change::Created } => format!("made {object}"),
        Told::Applied { object, change: Change::Changed } => format!("changed {object}"),
        Told::Applied { object, change: Change::Unchanged } => format!("unchanged {object}"),
        Told::Ready(object) => format!("ready {object}"),
        Told::Pruned(object) => format!("deleted {object}, which the release no longer has"),
        Told::Kept(object) => format!("kept {object}, which asks to outlive the release"),
        Told::Hook(hook) => format!("ran hook {hook}"),
    };
    printer.say(&line);
}
