//! `token`: a token for the environment's cluster, as an exec plugin of kubectl gives it.

use std::time::SystemTime;

use clap::Args;

use super::args::EnvironmentArg;
use super::connect::{call_problem, connect};
use super::context::Context;
use super::{DONE, cluster};
use crate::provider::kube::{ExecVersion, exec_credential};
use crate::ui::Problem;

/// Print a token for the cluster, for kubectl (an exec credential plugin).
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
}

pub(super) async fn run(context: &Context, args: &TokenArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let name = cluster::name(&environment)?;
    let reader = connect(context, &environment).await?.read_only();
    let token = reader.cluster_token(name, SystemTime::now()).await.map_err(|error| call_problem(&error))?;
    // Set by whoever runs exec plugins; it says which version of the answer is understood.
    let version = ExecVersion::asked(std::env::var("KUBERNETES_EXEC_INFO").ok().as_deref());
    context.printer.data_json(&exec_credential(version, &token.text, token.expires));
    Ok(DONE)
}
