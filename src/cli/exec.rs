//! `exec`: a command in a pod of a service.

use std::io::Read;

use clap::Args;
use serde_json::json;
use tokio::sync::mpsc;

use super::FAILED;
use super::connect::call_problem;
use super::context::Context;
use super::service::{ServiceArgs, container};
use crate::provider::kube::Stream;
use crate::ui::Problem;

/// Run a command in a pod of a service; its exit code is passed on.
///
/// The images have no shell: what there is to run is the service itself, as in `-- /app/frontend-app probe resolve NAME`.
#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    #[command(flatten)]
    of: ServiceArgs,
    /// The pod; one that is ready if it is not given
    #[arg(long, value_name = "POD")]
    pod: Option<String>,
    /// Give it what comes in on standard input
    #[arg(short, long)]
    interactive: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &ExecArgs) -> Result<u8, Problem> {
    let reached = args.of.reach(context).await?;
    let at = container(&reached.pod(args.pod.as_deref()).await?);
    let input = args.interactive.then(standard_input);
    let json = context.printer.json();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut tell = |stream, bytes: &[u8]| match stream {
        Stream::Out if json => out.extend_from_slice(bytes),
        Stream::Err if json => err.extend_from_slice(bytes),
        Stream::Out => context.printer.pass_on(bytes),
        Stream::Err => context.printer.pass_on_aside(bytes),
    };
    let code = reached.cluster.exec(&at, &args.command, input, &mut tell).await;
    let code = code.map_err(|error| call_problem(&error))?;
    if json {
        context.printer.data_json(&json!({
            "schema": "platctl/exec", "version": 1, "pod": at.pod, "container": at.name, "exit_code": code,
            "stdout": String::from_utf8_lossy(&out), "stderr": String::from_utf8_lossy(&err),
        }));
    }
    Ok(passed_on(code))
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
