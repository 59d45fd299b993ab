//! A build without the sandbox says how to get one.

use clap::Args;

use crate::cli::USAGE;
use crate::cli::context::Context;
use crate::ui::Problem;

/// The offline sandbox (not part of this build).
#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArgs {
    /// Anything
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

fn missing() -> Problem {
    Problem::new(USAGE, "this platctl was built without the sandbox")
        .hint("build one with it: cargo build --release (the feature `sandbox` is on by default)")
}

pub(in crate::cli) async fn ensure(_: &Context) -> Result<String, Problem> {
    Err(missing())
}

pub(in crate::cli) const ACCESS_KEY: &str = "";

pub(in crate::cli) const SECRET_KEY: &str = "";

pub(in crate::cli) async fn own_key(_: &str, _: &str) -> Result<(), Problem> {
    Err(missing())
}

pub(in crate::cli) async fn open_registry(_: &str, _: &str, _: &str, _: bool) -> Result<(), Problem> {
    Err(missing())
}

pub(in crate::cli) async fn pace(_: &str) -> Result<f64, Problem> {
    Err(missing())
}

pub(in crate::cli) async fn run(_: &Context, args: SandboxArgs) -> Result<u8, Problem> {
    drop(args.rest);
    Err(missing())
}
