//! `exec`: a command in a pod of a service.

use std::io::Read;

use clap::Args;
use serde_json::json;
use tokio::sync::mpsc;

use super::connect::call_problem;
use super::context::Context;
use super::service::{ServiceArgs, container};
use super::terminal::{self, Raw};
use super::{CANCELLED, FAILED, USAGE};
use crate::provider::Class;
use crate::provider::kube::{Stream, Typed};
use crate::ui::Problem;

/// Run a command in a pod of a service; its exit code is passed on.
///
/// Images that are built here have no shell: what there is to run is the service itself, as in `-- /app/frontend-app probe
/// resolve NAME`. Where an image has one, `platctl exec dev backend-app -it -- sh` opens it.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    #[command(flatten)]
    of: ServiceArgs,
    /// The pod; one that is ready if it is not given
    #[arg(long, value_name = "POD")]
    pod: Option<String>,
    /// Give it what comes in on standard input
    #[arg(short = 'i', long, alias = "interactive")]
    stdin: bool,
    /// Give it a terminal: this one
    #[arg(short, long, requires = "stdin")]
    tty: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &ExecArgs) -> Result<u8, Problem> {
    let json = context.printer.json();
    if args.tty {
        has_terminal(context)?;
    }
    let reached = args.of.reach(context).await?;
    let at = container(&reached.pod(args.pod.as_deref()).await?);
    let raw = args.tty.then(Raw::enter).transpose();
    let raw =
        raw.map_err(|error| Problem::from_error(FAILED, &error).hint("the terminal was left as it is"))?;
    let typed = Typed { input: args.stdin.then(standard_input), sizes: args.tty.then(terminal::sizes) };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut tell = |stream, bytes: &[u8]| match stream {
        Stream::Out if json => out.extend_from_slice(bytes),
        Stream::Err if json => err.extend_from_slice(bytes),
        Stream::Out => context.printer.pass_on(bytes),
        Stream::Err => context.printer.pass_on_aside(bytes),
    };
    let code = tokio::select! {
        code = reached.cluster.exec(&at, &args.command, typed, &mut tell) => code,
        () = terminal::told_to_end(), if args.tty => return Ok(CANCELLED),
    };
    // Before anything else is written.
    drop(raw);
    let code = code.map_err(|error| match call_problem(&error) {
        problem if args.stdin && error.class == Class::Unavailable => problem.hint(
            "API servers before Kubernetes 1.30 cannot be told that an input ends: keep it open until the command ends",
        ),
        problem => problem,
    })?;
    if json {
        context.printer.data_json(&json!({
            "schema": "platctl/exec", "version": 1, "pod": at.pod, "container": at.name, "exit_code": code,
            "stdout": String::from_utf8_lossy(&out), "stderr": String::from_utf8_lossy(&err),
        }));
    }
    Ok(passed_on(code))
}

/// Whether a command can have a terminal.
fn has_terminal(context: &Context) -> Result<(), Problem> {
    let why = if context.global.sandbox && context.global.cluster.is_none() {
        "the sandbox has no terminals: what it runs are processes of this machine"
    } else if context.printer.json() {
        "what a terminal shows cannot be told as JSON"
    } else if !terminal::is_there() {
        "-t needs a terminal, and standard input is none"
    } else {
        return Ok(());
    };
    Err(Problem::new(USAGE, why).hint("leave -t out: -i alone passes standard input on"))
}

/// What comes in on standard input, from a thread of its own: nothing else can wait for it.
fn standard_input() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(4);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(read @ 1..) = std::io::stdin().lock().read(&mut buffer) {
            if sender.blocking_send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A code that no process can end with counts as failed.
fn passed_on(code: i32) -> u8 {
    u8::try_from(code).unwrap_or(FAILED)
}
