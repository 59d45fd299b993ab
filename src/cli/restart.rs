//! `restart`: the pods of a service, made anew.

use std::time::{Duration, Instant};

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::connect::call_problem;
use super::context::Context;
use super::service::ServiceArgs;
use super::{DONE, FAILED};
use crate::provider::kube::{Collection, Target, name};
use crate::ui::Problem;

/// Make the pods of a service anew, one after the other, and wait until they are ready.
#[derive(Debug, Args)]
pub(super) struct RestartArgs {
    #[command(flatten)]
    of: ServiceArgs,
    /// How long that may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

pub(super) async fn run(context: &Context, args: &RestartArgs) -> Result<u8, Problem> {
    let reached = args.of.reach(context).await?;
    let reader = reached.reader();
    let workloads = reader.list(Collection {
        root: "/apis/apps/v1",
        plural: "deployments",
        namespace: &reached.namespace,
        labels: &reached.labels,
    });
    let workloads = workloads.await.map_err(|error| call_problem(&error))?;
    let targets: Vec<Target> =
        workloads.iter().map(|workload| target(&reached.namespace, name(workload))).collect();
    if targets.is_empty() {
        return Err(Problem::new(FAILED, format!("{} is not deployed", args.of.service))
            .hint(format!("`platctl up {}` deploys it", reached.environment.mention)));
    }
    let started = Instant::now();
    for target in &targets {
        let restarted = reached.cluster.restart(target, Timestamp::now()).await;
        restarted.map_err(|error| call_problem(&error))?;
        context.printer.say(&format!("{target}: its pods are made anew"));
    }
    for target in &targets {
        let waited = reached.cluster.wait(target, Duration::from_secs(args.timeout)).await;
        waited.map_err(|error| Problem::from_error(FAILED, &error))?;
    }
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    if context.printer.json() {
        context.printer.data_json(&json!({
            "schema": "platctl/restart", "version": 1, "service": args.of.service, "deployments": names,
            "seconds": started.elapsed().as_secs(),
        }));
    } else {
        context.printer.data(&format!("{} is restarted: all pods are ready", args.of.service));
    }
    Ok(DONE)
}

fn target(namespace: &str, name: &str) -> Target {
    Target {
        group: "apps".to_owned(),
        version: "v1".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}
