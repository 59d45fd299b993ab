//! `up`: make the environment as its file says.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::{ChangeArgs, EnvironmentArg, RefreshArgs, ScopeArgs};
use super::connect::{Connection, connect};
use super::context::{Context, Environment};
use super::flow::{Built, Way};
use super::{DONE, FAILED, USAGE, flow, images, output, releases_view, upstream};
use crate::plan::{self, Plan, Purpose};
use crate::provider::WorldReader;
use crate::ui::{self, Problem};

/// Make the environment as its file says.
#[derive(Debug, Args)]
pub(super) struct UpArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    refresh: RefreshArgs,
    #[command(flatten)]
    change: ChangeArgs,
    /// Take fields and objects of the cluster that others own
    #[arg(long)]
    force_conflicts: bool,
    /// How long the objects of a release may take to be ready, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// Apply exactly this plan (from `diff --out`), or refuse when it is stale
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "exclude"])]
    plan: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: UpArgs) -> Result<u8, Problem> {
    let environment = context.environment_with_images(&args.environment.environment)?;
    let scope = args.scope.scope()?;
    let saved = args.plan.as_ref().map(|path| read_plan(path, &environment)).transpose()?;
    let connection = connect(context, &environment).await?;
    let (mut environment, mut connection) = upstream::bring(context, environment, connection).await?;
    let patience = Duration::from_secs(args.timeout);
    let forced = args.force_conflicts;
    connection.clusters = connection.clusters.map(|clusters| clusters.with(forced, patience));
    flow::tell_left_out(context, &environment);
    let (mut session, mut state) = flow::lock(context, &environment)?;
    let mut writer = flow::writer(&mut session, &mut state);
    let desired = &environment.desired;
    flow::resolve(context, &connection, &mut writer, &|a| desired.resources.contains_key(a)).await?;
    let reader = connection.reader();
    let asked = saved.is_some();
    let (plan, built) = match saved {
        Some(saved) => same_plan(context, &reader, saved, writer.state(), &mut environment).await?,
        None => {
            let way = Way { scope: &scope, refresh: args.refresh.refresh, build: true };
            flow::plan_up(context, &reader, &mut environment, writer.state(), way).await?
        }
    };
    flow::show(context, &plan);
    if plan.is_empty() {
        if context.printer.json() {
            context.printer.data_json(&ui::plan_json(&plan));
        }
        return Ok(DONE);
    }
    flow::confirm(
        context,
        args.change.yes || asked,
        &format!("Apply this to {}? [y/N]", environment.name),
        None,
    )?;
    let (supply, watch) = images::supply(&environment, &connection, built).await?;
    let connection = Connection { aws: connection.aws.with_supply(supply), ..connection };
    let parallelism = usize::from(args.change.parallelism);
    let report = flow::apply_plan(context, &connection, &plan, parallelism, &mut writer).await;
    drop(writer);
    watch.iter().flat_map(|watch| watch.notes()).for_each(|note| context.printer.warn(&note));
    flow::compact(&context.printer, &mut session, &state).await;
    if report.is_complete() {
        context.printer.say(&output::next_steps(context, &environment, &state));
        let releases = releases_view::seen(context, &environment, &state, connection.read_account()).await;
        let paint = context.printer.paint();
        let urls = releases_view::urls(&releases, paint);
        for line in urls.into_iter().chain(releases_view::ways_in(&environment, &releases, paint)) {
            context.printer.say(&line);
        }
    }
    Ok(flow::exit_code(&report))
}

fn read_plan(path: &PathBuf, environment: &Environment) -> Result<Plan, Problem> {
    let bytes = std::fs::read(path)
        .map_err(|error| Problem::new(USAGE, format!("cannot read the plan {}: {error}", path.display())))?;
    let plan = plan::read(&bytes).map_err(|error| {
        Problem::from_error(USAGE, &error).hint("make a new one: `platctl diff ENV --out FILE`")
    })?;
    if plan.environment != environment.name {
        return Err(Problem::new(USAGE, format!("the plan is of environment `{}`", plan.environment)));
    }
    if plan.purpose != Purpose::Up {
        return Err(Problem::new(USAGE, "the plan is one to destroy"));
    }
    Ok(plan)
}

/// A plan holds only for the state, the configuration and the world that it was made from.
async fn same_plan(
    context: &Context,
    reader: &WorldReader,
    saved: Plan,
    state: &crate::state::State,
    environment: &mut Environment,
) -> Result<Built, Problem> {
    let again = format!("make a new one: `platctl diff {} --out FILE`", environment.mention);
    let stale = |why: &str| {
        Err(Problem::new(FAILED, format!("the plan is stale: {why}"))
            .hint(again.clone())
            .hint("nothing was touched"))
    };
    // An environment that nobody touched yet gets its lineage when it is first locked.
    let untouched = saved.serial == 0 && state.serial == 0;
    if !untouched && (saved.lineage != state.lineage || saved.serial != state.serial) {
        return stale("something was done to the environment since");
    }
    let addresses = |plan: &Plan| -> Vec<_> { plan.steps.iter().map(|s| s.address.clone()).collect() };
    let only = addresses(&saved).into_iter().collect();
    let scope = plan::Scope { only, except: Default::default() };
    let way = Way { scope: &scope, refresh: true, build: true };
    let (now, built) = flow::plan_up(context, reader, environment, state, way).await?;
    let planned = |plan: &Plan| -> Vec<_> {
        let mut steps: Vec<_> = plan
            .steps
            .iter()
            .map(|s| (s.address.clone(), s.action, s.spec.clone(), s.id.clone(), s.fingerprint.clone()))
            .map(|step| format!("{step:?}"))
            .collect();
        steps.sort();
        steps
    };
    if planned(&now) != planned(&saved) {
        return stale("the configuration, the sources or the world changed since");
    }
    Ok((saved, built))
}
