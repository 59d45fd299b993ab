//! `logs`: what all pods of a service write.

use std::collections::BTreeMap;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::connect::call_problem;
use super::context::Context;
use super::service::ServiceArgs;
use super::{DONE, FAILED};
use crate::inspect::{PodLine, Sought, follow, gather};
use crate::provider::{Class, Error};
use crate::ui::{Printer, Problem};

/// Show what all pods of a service write, each line with its pod.
#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    #[command(flatten)]
    of: ServiceArgs,
    /// Go on with what is written from now on, also by new pods
    #[arg(short, long)]
    follow: bool,
    /// Only the last while (`90s`, `10m`, `2h`), or from a time on (2026-01-31T12:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// What containers wrote before they were last started again
    #[arg(short, long, conflicts_with = "follow")]
    previous: bool,
    /// At most so many of the last lines of each container; all with --since, else 100
    #[arg(long, value_name = "N")]
    tail: Option<u32>,
    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,
}

fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let ago: SignedDuration = text.parse().map_err(|_| "neither a time nor a duration".to_owned())?;
    Timestamp::now().checked_sub(ago).map_err(|error| error.to_string())
}

pub(super) async fn run(context: &Context, args: &LogsArgs) -> Result<u8, Problem> {
    let reached = args.of.reach(context).await?;
    let sought = Sought {
        namespace: reached.namespace.clone(),
        labels: reached.labels.clone(),
        since: args.since,
        tail: args.tail.or(args.since.is_none().then_some(100)),
        previous: args.previous,
    };
    let reader = reached.reader();
    let mut view = View { printer: context.printer, timestamps: args.timestamps, pods: BTreeMap::new() };
    let mention = &reached.environment.mention;
    if args.follow {
        let followed = follow(&reader, &sought, &mut |line| view.show(&line)).await;
        followed.map_err(|error| problem(&error, mention))?;
        return Ok(DONE);
    }
    let lines = gather(&reader, &sought).await.map_err(|error| problem(&error, mention))?;
    lines.iter().for_each(|line| view.meet(line));
    lines.iter().for_each(|line| view.show(line));
    if lines.is_empty() {
        context.printer.say("nothing was written");
    }
    Ok(DONE)
}

fn problem(error: &Error, mention: &str) -> Problem {
    match error.class {
        Class::NotFound => Problem::from_error(FAILED, error)
            .hint(format!("`platctl status {mention}` tells what is deployed")),
        _ => call_problem(error),
    }
}

/// How lines are shown: each pod has its colour, and all names the same width.
struct View {
    printer: Printer,
    timestamps: bool,
    /// The pods so far, each with its number.
    pods: BTreeMap<String, usize>,
}

impl View {
    fn meet(&mut self, line: &PodLine) {
        let next = self.pods.len();
        self.pods.entry(line.pod.clone()).or_insert(next);
    }

    fn show(&mut self, PodLine { pod, container, line }: &PodLine) {
        let at = line.at.map(|at| format!("{at:.3}"));
        if self.printer.json() {
            self.printer.data_json_line(&json!({
                "schema": "platctl/log", "version": 1, "pod": pod, "container": container, "time": at,
                "line": line.text,
            }));
            return;
        }
        let next = self.pods.len();
        let number = *self.pods.entry(pod.clone()).or_insert(next);
        let width = self.pods.keys().map(String::len).max().unwrap_or(0);
        let paint = self.printer.data_paint();
        let time = at.filter(|_| self.timestamps).map(|at| format!("{} ", paint.dim(at))).unwrap_or_default();
        self.printer.data(&format!("{} {time}{}", paint.nth(number, format!("{pod:width$} |")), line.text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_ago_and_a_time_are_both_understood() {
        assert_eq!(since("2026-01-02T03:04:05Z").unwrap().to_string(), "2026-01-02T03:04:05Z");
        for ago in ["90s", "10m", "2h", "1h30m"] {
            assert!(since(ago).unwrap() < Timestamp::now(), "{ago}");
        }
        assert!(since("yesterday").is_err());
    }
}
