//! `config`: the settings of an environment as they take effect, and where each comes from.

use clap::Args;

use super::args::EnvironmentArg;
use super::context::Context;
use super::{DONE, USAGE};
use crate::config::{self, Origins};
use crate::ui::Problem;

/// Print the settings of an environment as they take effect.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Tell where each value was written
    #[arg(long)]
    origin: bool,
}

pub(super) fn run(context: &Context, args: &ConfigArgs) -> Result<u8, Problem> {
    let name = &args.environment.environment;
    let loaded = match config::load(&context.files(), name) {
        Ok(loaded) => loaded,
        Err(findings) => {
            context.printer.say(&findings.render(context.style()));
            return Err(Problem::new(USAGE, findings.summary()));
        }
    };
    if !loaded.warnings.is_empty() {
        context.printer.say(&loaded.warnings.render(context.style()));
    }
    let effective = config::effective(&loaded);
    if context.printer.json() {
        context.printer.data_json(&effective.to_json(name));
    } else {
        let origins = if args.origin { Origins::Shown } else { Origins::Hidden };
        context.printer.data(&effective.to_toml(origins));
    }
    Ok(DONE)
}
