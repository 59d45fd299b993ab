//! The program: arguments, configuration, runtime, signals, exit code.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Variables;
use crate::log::install;
use crate::probe::{Probe, run_probe};
use crate::server::{Configured, start_configured};
use crate::service::Service;

/// `EX_USAGE` of sysexits(3): wrong arguments or configuration.
const USAGE: u8 = 64;

enum Command {
    Serve,
    Probe(Probe),
    Version,
    Help,
}

impl Command {
    fn of(arguments: &[String]) -> Option<Self> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments[..] {
            [] => Some(Self::Serve),
            ["probe", "resolve", name] => Some(Self::Probe(Probe::Resolve(name.to_owned()))),
            ["probe", "get", url] => Some(Self::Probe(Probe::Get(url.to_owned()))),
            ["--version" | "-V"] => Some(Self::Version),
            ["--help" | "-h" | "help"] => Some(Self::Help),
            _ => None,
        }
    }
}

fn help<S: Service>() -> String {
    let name = S::NAME;
    format!(
        "{name} {}\n\n\
         Usage:\n  \
           {name}                     serve, on port {} unless LISTEN_ADDR says otherwise\n  \
           {name} probe resolve NAME  print the addresses of a name\n  \
           {name} probe get URL       print what a URL answers; fails unless its status is 2xx\n  \
           {name} --version\n\n\
         Configured by environment variables only; they are described in services/README.md.\n",
        S::VERSION,
        S::PORT,
    )
}

/// The whole program of a service.
#[must_use]
pub fn main<S: Service>() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()).collect();
    // A standard output that is closed is no reason to fail.
    match Command::of(&arguments) {
        Some(Command::Serve) => serve::<S>(),
        Some(Command::Probe(probe)) => probe_now(probe),
        Some(Command::Version) => {
            let _ = writeln!(std::io::stdout(), "{} {}", S::NAME, S::VERSION);
            ExitCode::SUCCESS
        }
        Some(Command::Help) => {
            let _ = write!(std::io::stdout(), "{}", help::<S>());
            ExitCode::SUCCESS
        }
        None => {
            let _ = write!(std::io::stderr(), "{}", help::<S>());
            ExitCode::from(USAGE)
        }
    }
}

fn probe_now(probe: Probe) -> ExitCode {
    match runtime(1) {
        Ok(runtime) => runtime.block_on(run_probe(probe)),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "probe: no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

fn runtime(threads: usize) -> std::io::Result<Runtime> {
    // One thread needs no work stealing and no locks for it.
    match threads {
        1 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

fn serve<S: Service>() -> ExitCode {
    let mut variables = Variables::of_process();
    let configured = Configured::<S>::read(&mut variables);
    let log = match install(configured.runtime.log_level, &configured.identity()) {
        Ok(log) => log,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{}: {error}", S::NAME);
            return ExitCode::FAILURE;
        }
    };
    std::panic::set_hook(Box::new(log_panic));
    for finding in variables.findings() {
        tracing::error!(variable = finding.variable, problem = finding.problem, "wrong configuration");
    }
    let code = if variables.findings().is_empty() {
        match runtime(configured.runtime.worker_threads) {
            Ok(runtime) => {
                let served = || runtime.block_on(serve_until_told(configured, log.clone()));
                // Nothing of it is used after a panic; what was logged of it is still to be written.
                std::panic::catch_unwind(AssertUnwindSafe(served)).unwrap_or(ExitCode::FAILURE)
            }
            Err(error) => {
                tracing::error!(%error, "no runtime");
                ExitCode::FAILURE
            }
        }
    } else {
        ExitCode::from(USAGE)
    };
    log.close();
    code
}

/// Within a request the place has to be enough: the message may hold what a client sent.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let why = match crate::trace::scope() {
        Some(_) => "not told, it may hold data of the request",
        None => panic.payload_as_str().unwrap_or("unknown"),
    };
    tracing::error!(place, why, "panic");
}

async fn serve_until_told<S: Service>(configured: Configured<S>, log: crate::log::Installed) -> ExitCode {
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "signals cannot be heard");
                return ExitCode::FAILURE;
            }
        };
    let mut told = async || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    let running = tokio::select! {
        running = start_configured(configured, Some(log)) => running,
        signal = told() => {
            tracing::info!(signal, "told to end before the start was complete");
            return ExitCode::SUCCESS;
        }
    };
    let running = match running {
        Ok(running) => running,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "not started");
            return ExitCode::FAILURE;
        }
    };
    let signal = told().await;
    tracing::info!(signal, "told to end");
    tokio::select! {
        () = running.stop() => tracing::info!("ended"),
        signal = told() => tracing::warn!(signal, "told to end again, ending at once"),
    }
    ExitCode::SUCCESS
}
