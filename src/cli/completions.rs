//! `completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::DONE;
use super::args::Cli;
use super::context::Context;
use crate::ui::Problem;

/// Print completions for a shell.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(context: &Context, args: &CompletionsArgs) -> Result<u8, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "platctl", &mut script);
    context.printer.data(&String::from_utf8_lossy(&script));
    Ok(DONE)
}
