//! `dns`: whether the private names lead where they should.

use clap::Args;

use super::args::EnvironmentArg;
use super::connect::connect;
use super::context::Context;
use super::doctor::tell;
use super::{DONE, FAILED, cluster, flow};
use crate::inspect::{Patient, Verdict, examine_names};
use crate::ui::Problem;

/// Follow the private names: zone, record, load balancer, and the answer inside the cluster.
#[derive(Debug, Args)]
pub(super) struct DnsArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
}

pub(super) async fn run(context: &Context, args: &DnsArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let connection = connect(context, &environment).await?;
    let state = flow::load(&environment)?;
    let settings = &environment.loaded.platform.settings;
    let patient = Patient { settings, desired: &environment.desired, state: &state };
    let aws = connection.read_account();
    let reader = cluster::reader(&environment, aws.as_ref()).await;
    let findings = examine_names(aws.as_ref(), reader.as_ref(), patient).await;
    let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    let code = if bad { FAILED } else { DONE };
    tell(context, ("platctl/dns", &environment.name), &findings, code);
    Ok(code)
}
