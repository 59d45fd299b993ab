//! `output`: what is known of what stands.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::args::EnvironmentArg;
use super::context::{Context, Environment, address};
use super::{DONE, FAILED, flow};
use crate::model::{Attribute, Kind};
use crate::state::{Record, State};
use crate::ui::Problem;

/// Print what is known of what stands: ids, addresses, names.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Only this resource
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Only this output of it, bare
    #[arg(value_name = "ATTRIBUTE", requires = "address")]
    attribute: Option<String>,
}

pub(super) fn run(context: &Context, args: &OutputArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let state = flow::load(&environment)?;
    let mut all: BTreeMap<String, BTreeMap<&str, String>> =
        state.records().map(|(address, record)| (address.to_string(), outputs(record))).collect();
    let printer = &context.printer;
    if let Some(text) = &args.address {
        let wanted = address(text)?.to_string();
        let Some(found) = all.remove(&wanted) else {
            return Err(Problem::new(FAILED, format!("nothing is recorded of {wanted}"))
                .hint(format!("`platctl state list {}` shows what is", environment.mention)));
        };
        if let Some(attribute) = &args.attribute {
            let Some(value) = found.get(attribute.as_str()) else {
                let known: Vec<&str> = found.keys().copied().collect();
                return Err(Problem::new(FAILED, format!("{wanted} has no output `{attribute}`"))
                    .hint(format!("it has: {}", known.join(", "))));
            };
            printer.data(value);
            return Ok(DONE);
        }
        all = BTreeMap::from([(wanted, found)]);
    }
    if printer.json() {
        printer.data_json(&json!({"schema": "platctl/output", "version": 1, "outputs": all}));
        return Ok(DONE);
    }
    for (address, outputs) in &all {
        printer.data(&printer.data_paint().bold(address));
        for (attribute, value) in outputs {
            printer.data(&format!("  {attribute}: {value}"));
        }
    }
    Ok(DONE)
}

fn outputs(record: &Record) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::from([(Attribute::Id.as_str(), record.id.to_string())]);
    for attribute in Attribute::all().filter(|attribute| *attribute != Attribute::Id) {
        if let Some(value) = record.outputs.as_ref().and_then(|outputs| outputs.attribute(attribute)) {
            found.insert(attribute.as_str(), value.to_owned());
        }
    }
    found
}

/// What a person needs after `up`.
pub(super) fn next_steps(context: &Context, environment: &Environment, state: &State) -> String {
    let paint = context.printer.paint();
    let mut lines = Vec::new();
    let mut of = |kind: Kind, word: &str, attribute: Attribute| {
        for (address, record) in state.records().filter(|(address, _)| address.kind == kind) {
            if let Some(value) = outputs(record).get(attribute.as_str()) {
                lines.push(format!("  {} {}", paint.dim(format!("{word} {}:", address.name)), value));
            }
        }
    };
    of(Kind::Cluster, "cluster", Attribute::Id);
    of(Kind::Cluster, "endpoint", Attribute::Url);
    of(Kind::Repository, "registry", Attribute::Url);
    of(Kind::HostedZone, "zone", Attribute::Id);
    lines.push(format!("  {} platctl output {}", paint.dim("everything:"), environment.mention));
    lines.join("\n")
}
