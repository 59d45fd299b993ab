//! What the verbs about one service share: which one, where it is, and its pods.

use clap::Args;
use serde_json::Value;

use super::args::EnvironmentArg;
use super::connect::call_problem;
use super::context::{Context, Environment};
use super::{FAILED, USAGE, cluster};
use crate::provider::kube::{Cluster, ClusterReader, Container, is_ready, name};
use crate::ui::Problem;

/// A service of an environment.
#[derive(Debug, Args)]
pub(super) struct ServiceArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// The service
    #[arg(value_name = "SERVICE")]
    pub(super) service: String,
}

/// A service's cluster, and how its pods are known there.
pub(super) struct Reached {
    pub(super) environment: Environment,
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) labels: String,
}

impl ServiceArgs {
    /// Reaches the cluster that the service is in.
    pub(super) async fn reach(&self, context: &Context) -> Result<Reached, Problem> {
        let environment = context.environment(&self.environment.environment)?;
        let settings = &environment.loaded.platform.settings;
        if !settings.services.get(&self.service).is_some_and(|service| service.enabled) {
            let names: Vec<&str> = settings.enabled_services().map(|(name, _)| name).collect();
            let message = format!("{} has no service {}", environment.name, self.service);
            return Err(Problem::new(USAGE, message).hint(format!("it has: {}", names.join(", "))));
        }
        let namespace = settings.namespace.clone();
        let labels = format!("app.kubernetes.io/name={}", self.service);
        let cluster = cluster::reach(context, &environment).await?;
        Ok(Reached { environment, cluster, namespace, labels })
    }
}

impl Reached {
    pub(super) fn reader(&self) -> ClusterReader {
        ClusterReader::new(self.cluster.clone())
    }

    /// A pod of the service: the one that is named, or one that is ready.
    pub(super) async fn pod(&self, wanted: Option<&str>) -> Result<Value, Problem> {
        let pods = self.reader().pods(&self.namespace, &self.labels).await;
        let pods = pods.map_err(|error| call_problem(&error))?;
        let fits = |pod: &&Value| wanted.map_or_else(|| is_ready(pod), |wanted| name(pod) == wanted);
        if let Some(pod) = pods.iter().find(fits) {
            return Ok(pod.clone());
        }
        let names: Vec<&str> = pods.iter().map(name).collect();
        let message = match (wanted, names.is_empty()) {
            (_, true) => format!("there is no pod with {} in {}", self.labels, self.namespace),
            (Some(wanted), false) => format!("{wanted} is none of its pods"),
            (None, false) => "none of its pods is ready".to_owned(),
        };
        let mut problem = Problem::new(FAILED, message);
        if !names.is_empty() {
            problem = problem.hint(format!("its pods: {}", names.join(", ")));
        }
        Err(problem.hint(format!("`platctl status {}` tells how they are", self.environment.mention)))
    }
}

/// The first container of a pod.
pub(super) fn container(pod: &Value) -> Container {
    Container {
        namespace: pod["metadata"]["namespace"].as_str().unwrap_or_default().to_owned(),
        pod: name(pod).to_owned(),
        name: pod["spec"]["containers"][0]["name"].as_str().unwrap_or_default().to_owned(),
    }
}
