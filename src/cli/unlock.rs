//! `unlock`: free a lock that nobody holds any more.

use clap::Args;

use super::args::EnvironmentArg;
use super::context::{Context, store_problem};
use super::{DONE, flow};
use crate::config;
use crate::state::store::LocalStore;
use crate::ui::Problem;

/// Free a lock that nobody holds any more.
#[derive(Debug, Args)]
pub(super) struct UnlockArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(context: &Context, args: &UnlockArgs) -> Result<u8, Problem> {
    let name = &args.environment.environment;
    // A lock must be freed also when the files are broken: then it is looked for in the usual folder.
    let folder = config::load(&context.files(), name).map(|loaded| loaded.platform.settings.state.folder);
    let store = LocalStore::new(&context.state_root(folder.as_deref().unwrap_or("state")), name);
    let Some(owner) = store.owner().map_err(|error| store_problem(&error, &context.mention(name)))? else {
        context.printer.say(&format!("{name} is not locked"));
        return Ok(DONE);
    };
    context.printer.say(&format!("{name} is locked by {owner}"));
    flow::confirm(context, args.yes, "Is that run gone for good? Free its lock? [y/N]", None)?;
    store.unlock().map_err(|error| store_problem(&error, &context.mention(name)))?;
    context.printer.say("freed; the next run finds out what the other left open");
    Ok(DONE)
}
