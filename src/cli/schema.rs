//! `schema`: what may stand in an environment's file, for editors and for people.

use clap::Args;

use super::DONE;
use super::context::Context;
use crate::config;
use crate::ui::Problem;

/// Print the JSON Schema of an environment's file.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Print the reference for people instead, as Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(context: &Context, args: &SchemaArgs) -> Result<u8, Problem> {
    if args.markdown {
        context.printer.data(&config::reference());
    } else {
        context.printer.data_json(&config::json_schema());
    }
    Ok(DONE)
}
