//! `import`: record a resource that exists under an address of the environment.

use std::sync::Arc;

use clap::Args;

use super::args::EnvironmentArg;
use super::connect::{call_problem, connect};
use super::context::{Context, address};
use super::{DONE, FAILED, flow};
use crate::model::{CloudId, Observed};
use crate::plan::comparable;
use crate::provider::{Look, Observe};
use crate::state::{Done, Entry};
use crate::ui::Problem;

/// Record a resource that exists under an address of the environment.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// The address in the environment (see `platctl graph`)
    address: String,
    /// What AWS calls it: its id, name or ARN
    id: String,
}

pub(super) async fn run(context: &Context, args: ImportArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let address = address(&args.address)?;
    let Some(spec) = environment.desired.resources.get(&address) else {
        return Err(Problem::new(FAILED, format!("{address} is not part of {}", environment.name)).hint(
            format!("`platctl graph {}` shows the addresses; add it to the file first", environment.mention),
        ));
    };
    let connection = connect(context, &environment).await?;
    let (mut session, mut state) = flow::lock(context, &environment)?;
    if let Some(record) = state.record(&address) {
        let why = format!("{address} is recorded already, as {}", record.id);
        return Err(Problem::new(FAILED, why).hint("drop that record first: `platctl state rm`"));
    }
    let known = Arc::new(state.known());
    let mut spec = spec.clone();
    known.fill(&mut spec);
    let look = Look { address: address.clone(), id: Some(CloudId::new(&args.id)), spec: spec.clone() };
    let found = connection.reader().observe(vec![look], Arc::clone(&known)).await.pop();
    let live = match found {
        Some(Ok(Observed::Present(live))) => live,
        Some(Err(error)) => return Err(call_problem(&error)),
        Some(Ok(_)) | None => {
            let why = format!(
                "no {} with the id {} exists in {}",
                address.kind.as_str(),
                args.id,
                connection.account
            );
            return Err(Problem::new(FAILED, why));
        }
    };
    let seen = comparable(&live.spec, Some(&spec), None, &known);
    let differs = spec.changes(&seen).unwrap_or_default().len();
    let done = Done::Adopted { id: live.id, spec: seen, outputs: live.outputs };
    let mut writer = flow::writer(&mut session, &mut state);
    writer.write(&address, Entry::Done(done)).await.map_err(|error| Problem::from_error(FAILED, &error))?;
    let next = match differs {
        0 => "it is as the environment's file says".to_owned(),
        n => {
            format!("{n} fields differ: `platctl diff {}` shows what `up` would change", environment.mention)
        }
    };
    context.printer.say(&format!("{address} is recorded as {}; {next}", args.id));
    Ok(DONE)
}
