//! `sandbox start | stop | status | reset`, and the background process itself.

use std::fs;

use clap::{Args, Subcommand};
use platctl_sandbox::{Pace, Sandbox, Settings};

use super::process::{self, Endpoint, control, folder, running, stop};
use crate::cli::context::Context;
use crate::cli::{DONE, FAILED, USAGE, flow};
use crate::ui::Problem;

/// The offline sandbox: an AWS on this machine, for trying, demos and tests.
#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArgs {
    #[command(subcommand)]
    verb: SandboxVerb,
}

#[derive(Debug, Subcommand)]
enum SandboxVerb {
    /// Start it (if it does not run) and print its address, for AWS_ENDPOINT_URL
    Start,
    /// Stop it; its world is kept
    Stop,
    /// Tell whether it runs, and how
    Status,
    /// Stop it, and throw away its world and what is recorded of the environments in it
    Reset {
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Be the background process
    #[command(hide = true)]
    Serve {
        #[arg(long, default_value_t = 0)]
        port: u16,
        #[arg(long)]
        pace: Option<Pace>,
    },
}

pub(in crate::cli) async fn run(context: &Context, args: SandboxArgs) -> Result<u8, Problem> {
    let folder = folder(context);
    let printer = &context.printer;
    match args.verb {
        SandboxVerb::Start => {
            let pace = pace(context)?;
            let url = process::ensure(context).await?;
            if let (Some(pace), Some(endpoint)) = (pace, running(&folder).await) {
                let body = serde_json::json!({"pace": pace.to_string()}).to_string();
                control(endpoint.port, "POST", "/clock", Some(&body)).await?;
            }
            printer.data(&url);
        }
        SandboxVerb::Stop => {
            let text =
                if stop(&folder).await? { "stopped; its world is kept" } else { "no sandbox is running" };
            printer.say(text);
        }
        SandboxVerb::Status => match running(&folder).await {
            None => {
                printer.say("no sandbox is running");
                return Ok(FAILED);
            }
            Some(endpoint) => {
                let status = control(endpoint.port, "GET", "/status", None).await?;
                let mut value: serde_json::Value =
                    serde_json::from_str(&status).map_err(|error| Problem::from_error(FAILED, &error))?;
                value["url"] = endpoint.url.clone().into();
                value["process"] = endpoint.pid.into();
                printer.data_json(&value);
            }
        },
        SandboxVerb::Reset { yes } => {
            let sure =
                "This throws the sandbox's world away, and the state of the environments in it. Go on? [y/N]";
            flow::confirm(context, yes, sure, None)?;
            stop(&folder).await?;
            if folder.exists() {
                fs::remove_dir_all(&folder).map_err(|error| Problem::from_error(FAILED, &error))?;
            }
            printer.say("the sandbox starts with a fresh world next time");
        }
        SandboxVerb::Serve { port, pace } => serve(context, port, pace).await?,
    }
    Ok(DONE)
}

/// How time is to pass, as `--latency` says.
fn pace(context: &Context) -> Result<Option<Pace>, Problem> {
    let wrong = |error: String| Problem::new(USAGE, format!("--latency: {error}"));
    context.global.latency.as_deref().map(str::parse).transpose().map_err(wrong)
}

/// The background process: serves until it is told to stop.
async fn serve(context: &Context, port: u16, pace: Option<Pace>) -> Result<(), Problem> {
    let folder = folder(context);
    let settings = |port| Settings {
        port,
        folder: Some(folder.join("world")),
        pace: pace.unwrap_or(Pace::Instant),
        ..Settings::default()
    };
    // The port of last time, so that addresses stay; another one when it is taken.
    let sandbox = match Sandbox::start(settings(port)).await {
        Err(platctl_sandbox::StartError::Listen { .. }) if port != 0 => Sandbox::start(settings(0)).await,
        other => other,
    };
    let sandbox = sandbox.map_err(|error| Problem::from_error(FAILED, &error))?;
    if let Some(pace) = pace {
        let body = serde_json::json!({"pace": pace.to_string()}).to_string();
        control(sandbox.port(), "POST", "/clock", Some(&body)).await?;
    }
    let endpoint = Endpoint {
        url: sandbox.url(),
        port: sandbox.port(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let json = serde_json::to_vec(&endpoint).map_err(|error| Problem::from_error(FAILED, &error))?;
    let (temporary, path) = (folder.join("endpoint.json.new"), folder.join("endpoint.json"));
    fs::write(&temporary, json)
        .and_then(|()| fs::rename(&temporary, &path))
        .map_err(|error| Problem::new(USAGE, format!("cannot write {}: {error}", path.display())))?;
    sandbox.run_until_signal().await.map_err(|error| Problem::from_error(FAILED, &error))
}
