//! The command line: one file a verb, each from arguments to settings to a call to a view.
//!
//! The only room that may use all others, and the only one that reads the environment's variables, the clock
//! and the user's answers. It decides no business rule: what a verb means is in the rooms that it calls.

mod args;
pub mod chart;
mod chart_view;
mod cluster;
mod completions;
mod config;
mod connect;
mod context;
mod destroy;
mod diff;
mod dns;
mod doctor;
mod exec;
mod flow;
mod forward;
mod graph;
mod history;
mod images;
mod import;
mod init;
mod kubeconfig;
mod left;
mod logs;
mod misfits;
mod output;
mod refusals;
mod release;
mod releases_view;
mod restart;
mod rollback;
mod sandbox;
mod schema;
mod service;
mod signals;
mod state;
mod status;
mod terminal;
mod token;
mod unlock;
mod up;
mod upstream;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Global, Verb};
use context::Context;

use crate::ui::{self, Problem};

/// Done.
pub const DONE: u8 = 0;
/// Something failed; also a stale plan, a held lock, a protected environment.
pub const FAILED: u8 = 1;
/// Changes are pending (`diff --exit-code` only).
pub const PENDING: u8 = 2;
/// Credentials are missing, or do not suffice.
pub const CREDENTIALS: u8 = 3;
/// The command line or the configuration is wrong.
pub const USAGE: u8 = 64;
/// Cancelled by a signal or an answer.
pub const CANCELLED: u8 = 130;

/// The stack of a worker thread, in bytes; only what is used of it takes memory.
const STACK: usize = 16 << 20;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a wrong command line, which is 64, not clap's 2.
            let asked = !error.use_stderr();
            match misread(&error).filter(|_| !asked && wants_json(std::env::args())) {
                Some(problem) => ui::Printer::new(JSON).problem(&problem),
                None => drop(error.print()),
            }
            return ExitCode::from(if asked { DONE } else { USAGE });
        }
    };
    let mut global = cli.global;
    // An exec plugin is heard by its caller's terminal each time: it says nothing but problems.
    global.quiet |= matches!(cli.verb, Verb::Token(_));
    let context = Context::new(global);
    match run(&context, cli.verb) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            context.printer.problem(&problem);
            ExitCode::from(problem.code)
        }
    }
}

const JSON: ui::Settings = ui::Settings { json: true, quiet: true, colour: false };

/// Whether a command line that cannot be read asks for JSON: before `--`, behind which it is another program's.
fn wants_json(arguments: impl Iterator<Item = String>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// A command line that cannot be read, as a problem: what is wrong first, and what helps below it.
fn misread(error: &clap::Error) -> Option<Problem> {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let problem = Problem::new(USAGE, first.strip_prefix("error: ").unwrap_or(first));
    Some(lines.fold(problem, Problem::hint))
}

fn run(context: &Context, verb: Verb) -> Result<u8, Problem> {
    let Global { latency, sandbox, cluster, .. } = &context.global;
    if latency.is_some() && !sandbox && !matches!(verb, Verb::Sandbox(_)) {
        return Err(Problem::new(USAGE, "--latency is about the sandbox").hint("add --sandbox"));
    }
    if cluster.is_some() && !sandbox {
        return Err(Problem::new(USAGE, "--cluster is about the sandbox").hint("add --sandbox").hint(
            "the cluster of a real environment stands in its file: [cluster.existing] context = \"...\"",
        ));
    }
    // The SDK's futures are deep; without optimisation they need more than tokio's 2 MiB.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = runtime.map_err(|error| Problem::from_error(FAILED, &error))?;
    let result = runtime.block_on(dispatch(context, verb));
    // What still runs (an aborted call, a question that nobody answers) must not keep the process.
    runtime.shutdown_background();
    result
}

async fn dispatch(context: &Context, verb: Verb) -> Result<u8, Problem> {
    match verb {
        Verb::Up(args) => up::run(context, args).await,
        Verb::Diff(args) => diff::run(context, args).await,
        Verb::Destroy(args) => destroy::run(context, args).await,
        Verb::Status(args) => status::run(context, &args).await,
        Verb::Doctor(args) => doctor::run(context, &args).await,
        Verb::Graph(args) => graph::run(context, &args),
        Verb::Output(args) => output::run(context, &args),
        Verb::State(args) => state::run(context, args).await,
        Verb::Import(args) => import::run(context, args).await,
        Verb::Unlock(args) => unlock::run(context, &args),
        Verb::Images(args) => images::run(context, args).await,
        Verb::Sandbox(args) => sandbox::run(context, args).await,
        Verb::Init(args) => init::run(context, &args),
        Verb::Validate(args) => validate::run(context, &args),
        Verb::Config(args) => config::run(context, &args),
        Verb::Schema(args) => schema::run(context, &args),
        Verb::Chart(command) => chart_view::run(context, &command).await,
        Verb::History(args) => history::run(context, &args).await,
        Verb::Rollback(args) => rollback::run(context, &args).await,
        Verb::Logs(args) => logs::run(context, &args).await,
        Verb::Restart(args) => restart::run(context, &args).await,
        Verb::Exec(args) => exec::run(context, &args).await,
        Verb::PortForward(args) => forward::run(context, &args).await,
        Verb::Dns(args) => dns::run(context, &args).await,
        Verb::Kubeconfig(args) => kubeconfig::run(context, &args).await,
        Verb::Token(args) => token::run(context, &args).await,
        Verb::Completions(args) => completions::run(context, &args),
    }
}
