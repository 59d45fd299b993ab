//! `destroy`: remove everything of the environment.

use std::time::Duration;

use clap::Args;

use super::args::{ChangeArgs, EnvironmentArg, ScopeArgs};
use super::connect::{Connection, call_problem, connect};
use super::context::{Context, Environment};
use super::flow::Inside;
use super::left::{self, Count};
use super::{DONE, FAILED, flow};
use crate::apply::{self, Ended, Report, Writer, looks};
use crate::model::{Action, Kind, Spec};
use crate::plan::{Plan, Scope};
use crate::state::store::Journal;
use crate::state::{Done, Entry, State, Status};
use crate::ui::Problem;

/// Remove everything of the environment.
#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    change: ChangeArgs,
    /// Let what is inside the cluster go with it, unasked: for one that does not let go of its releases
    #[arg(long, conflicts_with_all = ["target", "exclude"])]
    abandon_releases: bool,
}

pub(super) async fn run(context: &Context, args: DestroyArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let scope = args.scope.scope()?;
    let connection = connect(context, &environment).await?;
    let (mut session, mut state) = flow::lock(context, &environment)?;
    let mut writer = flow::writer(&mut session, &mut state);
    let inside = if args.abandon_releases { Inside::Abandoned } else { Inside::Removed };
    if inside == Inside::Abandoned {
        forget_interrupted(&mut writer).await?;
    }
    flow::resolve(context, &connection, &mut writer, &|_| false).await?;
    let plan =
        flow::plan_destroy(context, &connection.reader(), &environment, writer.state(), (&scope, inside))
            .await?;
    flow::show(context, &plan);
    if plan.is_empty() {
        drop(writer);
        // What was left out on purpose is not to be counted.
        if !plan.skipped.is_empty() {
            return Ok(DONE);
        }
        return count_left(context, &connection, &environment, &state).await;
    }
    let question = format!("This removes {} for good. Type its name to go on:", environment.name);
    flow::confirm(context, args.change.yes, &question, Some(&environment.name))?;
    let parallelism = usize::from(args.change.parallelism);
    let report = flow::apply_plan(context, &connection, &plan, parallelism, &mut writer).await;
    let complete = report.is_complete() && plan.skipped.is_empty();
    if report.failed.iter().any(|failure| flow::goes_with_cluster(&plan.steps[failure.step].spec)) {
        context.printer.say("a release that does not go can go with its cluster: destroy --abandon-releases");
    }
    if complete {
        await_last_logs(context, &connection, &plan, &report).await?;
        sweep(context, &connection, &environment, (parallelism, inside), &mut writer).await?;
    }
    drop(writer);
    flow::compact(&context.printer, &mut session, &state).await;
    if complete {
        return count_left(context, &connection, &environment, &state).await;
    }
    Ok(flow::exit_code(&report))
}

/// Drops what is recorded of releases whose first deploy was cut, which nobody is asked about.
async fn forget_interrupted<J: Journal>(writer: &mut Writer<'_, J>) -> Result<(), Problem> {
    let resources = &writer.state().resources;
    let open = resources.iter().filter_map(|(address, status)| match status {
        Status::Creating { spec, .. } if flow::goes_with_cluster(spec) => Some(address.clone()),
        _ => None,
    });
    for address in open.collect::<Vec<_>>() {
        let written = writer.write(&address, Entry::Done(Done::Forgotten)).await;
        written.map_err(|error| Problem::from_error(FAILED, &error))?;
    }
    Ok(())
}

/// The last logs of a cluster come after its end and bring its log group back: they are waited for.
async fn await_last_logs(
    context: &Context,
    connection: &Connection,
    plan: &Plan,
    report: &Report,
) -> Result<(), Problem> {
    let Some(since) = since_last_cluster(plan, report) else { return Ok(()) };
    let time = connection.last_logs().await?.saturating_sub(since);
    if !time.is_zero() {
        let seconds = time.as_secs();
        context
            .printer
            .say(&format!("waiting {seconds} s for the cluster's last logs, which bring its log group back"));
        tokio::time::sleep(time).await;
    }
    Ok(())
}

/// How long ago the last cluster that wrote logs ended; what came down after it has taken its time meanwhile.
fn since_last_cluster(plan: &Plan, report: &Report) -> Option<Duration> {
    let wrote_logs = |ended: &&Ended| {
        let step = &plan.steps[ended.step];
        let logs = matches!(&step.spec, Spec::Cluster(cluster) if !cluster.logging.is_empty());
        logs && step.action == Action::Delete
    };
    report.done.iter().rfind(wrote_logs).map(|ended| report.took.saturating_sub(ended.at))
}

/// Removes what clusters made while they were being removed, under the clause that the plan had for it.
async fn sweep<J: Journal>(
    context: &Context,
    connection: &Connection,
    environment: &Environment,
    (parallelism, inside): (usize, Inside),
    writer: &mut Writer<'_, J>,
) -> Result<(), Problem> {
    let plan = flow::plan_destroy(
        context,
        &connection.reader(),
        environment,
        writer.state(),
        (&Scope::default(), inside),
    )
    .await?;
    if plan.is_empty() || plan.steps.iter().any(|step| step.address.kind != Kind::Leftover) {
        return Ok(());
    }
    context.printer.say("the cluster made more while it went:");
    flow::show(context, &plan);
    // What fails here is counted, with its reason told.
    flow::apply_plan(context, connection, &plan, parallelism, writer).await;
    Ok(())
}

/// Looks once more for everything that the environment had or could have had.
async fn count_left(
    context: &Context,
    connection: &Connection,
    environment: &Environment,
    state: &State,
) -> Result<u8, Problem> {
    let reader = connection.reader();
    let looks = looks(&environment.desired, state);
    let observed = apply::observe(&reader, looks, state.known()).await;
    let observed = observed.map_err(|error| match error.0.first() {
        Some((_, first)) => call_problem(first),
        None => Problem::from_error(FAILED, &error),
    })?;
    let Count { left, waiting } =
        left::count(connection.read_account().as_ref(), environment, state, &observed).await?;
    let cost: f64 = left.iter().filter_map(|left| left.cost_a_day).sum();
    if context.printer.json() {
        let words: Vec<&str> = left.iter().map(|left| left.words.as_str()).collect();
        context.printer.data_json(&serde_json::json!({
            "schema": "platctl/destroyed", "version": 1, "environment": environment.name, "left": words,
            "cost_a_day_usd": cost, "kept_by_aws_for_a_while": waiting,
        }));
    }
    let paint = context.printer.paint();
    if left.is_empty() {
        context.printer.say(&format!("{} 0 left", paint.green("✓")));
        for arn in &waiting {
            let line = format!("  not counted: {arn}, which AWS keeps for its waiting period, then removes");
            context.printer.say(&paint.dim(line));
        }
        return Ok(DONE);
    }
    let mut problem = Problem::new(FAILED, format!("{} left, about ${cost:.2} a day", left.len()));
    problem.causes = left
        .iter()
        .map(|left| match left.cost_a_day {
            Some(dollars) => format!("{}: about ${dollars:.2} a day", left.words),
            None => left.words.clone(),
        })
        .collect();
    Err(problem
        .hint("run destroy again; what stays then is held by something outside the environment")
        .hint("costs are estimates by list price, without traffic"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::eks::{AuthenticationMode, Cluster, ControlPlaneLog, IpFamily, Support};
    use crate::model::{Address, Name, Ref, Tags};
    use crate::plan::{Purpose, Reason, Step};

    /// A cluster that goes after a minute of a run of eighty seconds.
    fn gone(logging: &[ControlPlaneLog]) -> Option<Duration> {
        let cluster = Cluster {
            name: "dev-eks".to_owned(),
            version: "1.33".to_owned(),
            role: Ref::external("arn:role"),
            subnets: Vec::new(),
            security_groups: Vec::new(),
            private_endpoint: true,
            public_endpoint: false,
            public_ranges: Default::default(),
            logging: logging.iter().copied().collect(),
            encryption_key: None,
            authentication: AuthenticationMode::Api,
            creator_is_admin: true,
            bootstrap_addons: false,
            support: Support::Standard,
            deletion_protection: false,
            service_range: None,
            ip_family: IpFamily::Ipv4,
            log_group: None,
            tags: Tags::new(),
        };
        let plan = Plan {
            environment: "dev".to_owned(),
            purpose: Purpose::Destroy,
            lineage: String::new(),
            serial: 1,
            steps: vec![Step {
                address: Address::new(Kind::Cluster, Name::from_lossy("main")),
                action: Action::Delete,
                replaces: false,
                reason: Reason::Destroyed,
                spec: cluster.into(),
                id: None,
                changes: Vec::new(),
                fingerprint: None,
                measured_ms: None,
                after: Vec::new(),
            }],
            unchanged: Vec::new(),
            skipped: Vec::new(),
        };
        let [took, at] = [60, 60].map(Duration::from_secs);
        let done = vec![Ended { step: 0, took, at }];
        since_last_cluster(&plan, &Report { done, took: Duration::from_secs(80), ..Report::default() })
    }

    #[test]
    fn the_wait_for_last_logs_begins_when_the_cluster_has_ended() {
        assert_eq!(gone(&[ControlPlaneLog::Audit]), Some(Duration::from_secs(20)));
        assert_eq!(gone(&[]), None);
    }
}
