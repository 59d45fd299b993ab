//! `diff`: what `up` would do. Holds nothing that could change anything, by type.

use std::path::PathBuf;

use clap::Args;

use super::args::{EnvironmentArg, RefreshArgs, ScopeArgs};
use super::connect::connect;
use super::context::{Context, detail};
use super::flow::{Inside, Way};
use super::{DONE, FAILED, PENDING, flow, upstream};
use crate::plan;
use crate::ui::{self, Problem};

/// Show what `up` would do, and change nothing.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    refresh: RefreshArgs,
    /// Exit with 2 when changes are pending
    #[arg(long)]
    exit_code: bool,
    /// Print the plan as Markdown, for a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Keep the plan in a file, for `up --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What `destroy` would do
    #[arg(long, conflicts_with_all = ["out", "refresh"])]
    destroy: bool,
}

pub(super) async fn run(context: &Context, args: DiffArgs) -> Result<u8, Problem> {
    let environment = context.environment_with_images(&args.environment.environment)?;
    let scope = args.scope.scope()?;
    let connection = connect(context, &environment).await?;
    let (mut environment, connection) = upstream::bring(context, environment, connection).await?;
    let reader = connection.reader();
    flow::tell_left_out(context, &environment);
    let state = flow::load(&environment)?;
    let plan = if args.destroy {
        flow::plan_destroy(context, &reader, &environment, &state, (&scope, Inside::Removed)).await?
    } else {
        // A plan that is kept has to name the images that it pushes; to look at one, nothing is compiled.
        let way = Way { scope: &scope, refresh: args.refresh.refresh, build: args.out.is_some() };
        flow::plan_up(context, &reader, &mut environment, &state, way).await?.0
    };
    if let Some(path) = &args.out {
        std::fs::write(path, plan::write(&plan))
            .map_err(|error| Problem::new(FAILED, format!("cannot write {}: {error}", path.display())))?;
    }
    let printer = &context.printer;
    if printer.json() {
        printer.data_json(&ui::plan_json(&plan));
    } else if args.markdown {
        printer.data(&ui::plan_markdown(&plan));
    } else {
        printer.data(&ui::plan_view(&plan, printer.data_paint(), detail(&context.global)));
    }
    Ok(if args.exit_code && !plan.is_empty() { PENDING } else { DONE })
}
