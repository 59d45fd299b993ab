//! Which cluster an environment has, and how it is reached.

use super::context::Environment;
use super::{FAILED, USAGE};
use crate::model::Spec;
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::ui::Problem;

/// The name of the environment's EKS cluster.
pub(super) fn name(environment: &Environment) -> Result<&str, Problem> {
    if let Some(existing) = &environment.loaded.platform.settings.cluster.existing {
        let file = existing.kubeconfig.as_deref().unwrap_or("~/.kube/config");
        return Err(Problem::new(USAGE, format!("{} has no cluster of EKS", environment.name))
            .hint(format!("its cluster is context `{}` of {}: use that", existing.context, file)));
    }
    let mut clusters = environment.desired.resources.values().filter_map(|spec| match spec {
        Spec::Cluster(cluster) => Some(cluster.name.as_str()),
        _ => None,
    });
    clusters.next().ok_or_else(|| Problem::new(USAGE, format!("{} has no cluster", environment.name)))
}

/// Where the environment's cluster is.
pub(super) async fn place(environment: &Environment, reader: &ReadOnly) -> Result<ClusterPlace, Problem> {
    let name = name(environment)?;
    let place = reader.cluster_place(name).await.map_err(|error| super::connect::call_problem(&error))?;
    place.ok_or_else(|| {
        Problem::new(FAILED, format!("{name} does not stand, or not yet"))
            .hint(format!("`platctl up {}` makes it", environment.name))
    })
}
