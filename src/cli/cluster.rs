//! Which cluster an environment has, and how it is reached.

use std::path::PathBuf;

use super::connect::connect;
use super::context::{Context, Environment};
use super::{FAILED, USAGE};
use crate::config::schema::ExistingCluster;
use crate::model::Spec;
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::provider::kube::{Access, Cluster, ClusterReader};
use crate::provider::{Class, Error};
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

/// How a cluster that exists already is reached.
pub(super) fn context(existing: &ExistingCluster) -> Access {
    Access::Context {
        file: existing.kubeconfig.clone().map(PathBuf::from),
        context: existing.context.clone(),
    }
}

/// The environment's cluster, ready to be asked. Only for one of EKS AWS is asked where it is.
pub(super) async fn reach(context: &Context, environment: &Environment) -> Result<Cluster, Problem> {
    if let Some(existing) = &environment.loaded.platform.settings.cluster.existing {
        return Ok(Cluster::new(self::context(existing)));
    }
    let name = name(environment)?.to_owned();
    let reader = connect(context, environment).await?.read_only();
    let place = place(environment, &reader).await?;
    Ok(Cluster::new(Access::Eks { reader, name, place }))
}

/// The same for those who only read, by an account that is reached already.
pub(super) async fn reader(
    environment: &Environment,
    aws: Option<&ReadOnly>,
) -> Result<ClusterReader, Error> {
    if let Some(existing) = &environment.loaded.platform.settings.cluster.existing {
        return Ok(ClusterReader::new(Cluster::new(self::context(existing))));
    }
    let missing =
        |why: String| Error { class: Class::NotFound, ..Error::local("eks", "DescribeCluster", why) };
    let name = name(environment).map_err(|problem| missing(problem.message))?.to_owned();
    let reader = aws.ok_or_else(|| missing("there is no account to ask".to_owned()))?.clone();
    let place = reader.cluster_place(&name).await?;
    let place = place.ok_or_else(|| missing(format!("{name} does not stand, or not yet")))?;
    Ok(ClusterReader::new(Cluster::new(Access::Eks { reader, name, place })))
}
