//! `state`: look at what is recorded, and correct it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::args::EnvironmentArg;
use super::context::{Context, address};
use super::{DONE, FAILED, flow};
use crate::model::Address;
use crate::state::{Done, Entry, Status};
use crate::ui::Problem;

/// Look at what is recorded, and correct it.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    #[command(subcommand)]
    verb: StateVerb,
}

#[derive(Debug, Subcommand)]
enum StateVerb {
    /// List what is recorded
    List(EnvironmentArg),
    /// Show the record of a resource
    Show {
        #[command(flatten)]
        environment: EnvironmentArg,
        /// The resource
        address: String,
    },
    /// Drop a record; what exists in AWS is left alone
    Rm {
        #[command(flatten)]
        environment: EnvironmentArg,
        /// The resources
        #[arg(required = true)]
        addresses: Vec<String>,
    },
    /// Give a record another name
    Mv {
        #[command(flatten)]
        environment: EnvironmentArg,
        /// The address it has
        from: String,
        /// The address it gets
        to: String,
    },
}

pub(super) async fn run(context: &Context, args: StateArgs) -> Result<u8, Problem> {
    match args.verb {
        StateVerb::List(environment) => list(context, &environment.environment),
        StateVerb::Show { environment, address } => show(context, &environment.environment, &address),
        StateVerb::Rm { environment, addresses } => {
            let entries: Result<Vec<_>, Problem> =
                addresses.iter().map(|text| Ok((address(text)?, Done::Forgotten))).collect();
            correct(context, &environment.environment, entries?).await
        }
        StateVerb::Mv { environment, from, to } => {
            let entries = vec![(address(&from)?, Done::Moved { to: address(&to)? })];
            correct(context, &environment.environment, entries).await
        }
    }
}

fn list(context: &Context, name: &str) -> Result<u8, Problem> {
    let state = flow::load(&context.environment(name)?)?;
    if context.printer.json() {
        let all: Vec<_> = state
            .resources
            .iter()
            .map(|(address, status)| json!({"address": address, "status": word(status), "id": id(status)}))
            .collect();
        let data = json!({"schema": "platctl/state", "version": 1, "environment": name, "lineage": state.lineage,
            "serial": state.serial, "resources": all});
        context.printer.data_json(&data);
        return Ok(DONE);
    }
    for (address, status) in &state.resources {
        let line = format!("{address}  {}  {}", id(status), word(status));
        context.printer.data(&line);
    }
    Ok(DONE)
}

fn word(status: &Status) -> &'static str {
    match status {
        Status::Creating { .. } => "create interrupted",
        Status::Present(record) if record.deleting => "delete interrupted",
        Status::Present(record) if record.is_settled() => "",
        Status::Present(_) => "unfinished",
    }
}

fn id(status: &Status) -> &str {
    match status {
        Status::Creating { .. } => "",
        Status::Present(record) => record.id.as_str(),
    }
}

fn show(context: &Context, name: &str, text: &str) -> Result<u8, Problem> {
    let state = flow::load(&context.environment(name)?)?;
    let address = address(text)?;
    let status = state.resources.get(&address).ok_or_else(|| unrecorded(&address, &context.mention(name)))?;
    let data = serde_json::to_value(status).map_err(|error| Problem::from_error(FAILED, &error))?;
    context.printer.data_json(&json!({"address": address, "status": data}));
    Ok(DONE)
}

fn unrecorded(address: &Address, mention: &str) -> Problem {
    Problem::new(FAILED, format!("nothing is recorded of {address}"))
        .hint(format!("`platctl state list {mention}` shows what is"))
}

/// Writes corrections to the journal; all of them are checked before the first is written.
async fn correct(context: &Context, name: &str, entries: Vec<(Address, Done)>) -> Result<u8, Problem> {
    let environment = context.environment(name)?;
    let (mut session, mut state) = flow::lock(context, &environment)?;
    for (address, done) in &entries {
        if !state.resources.contains_key(address) {
            return Err(unrecorded(address, &environment.mention));
        }
        if let Done::Moved { to } = done
            && (to.kind != address.kind || state.resources.contains_key(to))
        {
            let why = format!("{address} cannot become {to}: it is of another kind, or taken");
            return Err(Problem::new(FAILED, why));
        }
    }
    let mut writer = flow::writer(&mut session, &mut state);
    for (address, done) in entries {
        let told = match &done {
            Done::Moved { to } => format!("{address} is {to} now"),
            _ => format!("{address} is no longer recorded; what exists in AWS was left alone"),
        };
        writer
            .write(&address, Entry::Done(done))
            .await
            .map_err(|error| Problem::from_error(FAILED, &error))?;
        context.printer.say(&told);
    }
    drop(writer);
    flow::compact(&context.printer, &mut session, &state).await;
    Ok(DONE)
}
