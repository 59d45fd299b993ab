//! `destroy`: remove everything of the environment.

use clap::Args;

use super::args::{ChangeArgs, EnvironmentArg, ScopeArgs};
use super::connect::{Connection, call_problem, connect};
use super::context::{Context, Environment};
use super::{DONE, FAILED, flow};
use crate::apply::{self, looks};
use crate::model::{Attribute, Observed};
use crate::plan::{Plan, Purpose, Scope};
use crate::state::State;
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
}

pub(super) async fn run(context: &Context, args: DestroyArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let scope = args.scope.scope()?;
    let connection = connect(context, &environment).await?;
    let (mut session, mut state) = flow::lock(context, &environment)?;
    let mut writer = flow::writer(&mut session, &mut state);
    flow::resolve(context, &connection, &mut writer, &|_| false).await?;
    let plan = plan_destroy(&connection, &environment, writer.state(), &scope).await?;
    flow::show(context, &plan);
    if plan.is_empty() {
        drop(writer);
        return count_left(context, &connection, &environment, &state).await;
    }
    let question = format!("This removes {} for good. Type its name to go on:", environment.name);
    flow::confirm(context, args.change.yes, &question, Some(&environment.name))?;
    let parallelism = usize::from(args.change.parallelism);
    let report = flow::apply_plan(context, &connection, &plan, parallelism, &mut writer).await;
    drop(writer);
    flow::compact(&context.printer, &mut session, &state).await;
    if report.is_complete() && plan.skipped.is_empty() {
        return count_left(context, &connection, &environment, &state).await;
    }
    Ok(flow::exit_code(&report))
}

/// The plan of a destroy: everything recorded, everything desired that is there, and what the cluster left.
async fn plan_destroy(
    connection: &Connection,
    environment: &Environment,
    state: &State,
    scope: &Scope,
) -> Result<Plan, Problem> {
    flow::make_plan(&connection.read_only(), environment, state, Purpose::Destroy, scope).await
}

/// Looks once more for everything that the environment had or could have had.
async fn count_left(
    context: &Context,
    connection: &Connection,
    environment: &Environment,
    state: &State,
) -> Result<u8, Problem> {
    let looks = looks(&environment.desired, state);
    let observed = apply::observe(&connection.read_only(), looks, state.known()).await;
    let observed = observed.map_err(|error| match error.0.first() {
        Some((_, first)) => call_problem(first),
        None => Problem::from_error(FAILED, &error),
    })?;
    let left: Vec<String> = observed
        .iter()
        .filter(|(_, observed)| matches!(observed, Observed::Present(_)))
        .map(|(address, observed)| match observed {
            Observed::Present(live) => {
                let arn = live.outputs.attribute(Attribute::Arn).unwrap_or(live.id.as_str());
                format!("{address} ({arn})")
            }
            Observed::Absent | Observed::Leaving(_) => address.to_string(),
        })
        .collect();
    if context.printer.json() {
        context.printer.data_json(&serde_json::json!({
            "schema": "platctl/destroyed", "version": 1, "environment": environment.name, "left": left,
        }));
    }
    let paint = context.printer.paint();
    if left.is_empty() {
        context.printer.say(&format!("{} 0 left", paint.green("✓")));
        context.printer.say(&paint.dim(
            "  not counted: keys and secrets that AWS keeps for their waiting period before they are gone for good",
        ));
        return Ok(DONE);
    }
    let mut problem = Problem::new(FAILED, format!("{} left", left.len()));
    problem.causes = left;
    Err(problem.hint("run destroy again; what stays then is held by something outside the environment"))
}
