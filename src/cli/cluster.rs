//! Which cluster an environment has, and how it is reached.

use std::path::PathBuf;

use super::connect::connect;
use super::context::{Context, Environment};
use super::{FAILED, USAGE};
use crate::config::schema::ExistingCluster;
use crate::model::Spec;
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::provider::kube::{self, Access, Cluster, ClusterReader};
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

/// The cluster that `--cluster kubeconfig[=CONTEXT]` names. Without a context there must be only one to choose: nothing
/// is ever done to whichever cluster is current.
pub(super) fn of_this_machine(flag: &str) -> Result<ExistingCluster, Problem> {
    let wrong = |why: String| Problem::new(USAGE, why).hint("nothing was touched");
    let chosen = match flag.strip_prefix("kubeconfig") {
        Some("") => None,
        Some(rest) if rest.len() > 1 && rest.starts_with('=') => Some(&rest[1..]),
        _ => {
            let usage = "it is --cluster kubeconfig, or --cluster kubeconfig=CONTEXT";
            return Err(wrong(format!("--cluster does not know `{flag}`")).hint(usage));
        }
    };
    let contexts = kube::contexts().map_err(|error| Problem::from_error(USAGE, &error))?;
    let context = match (chosen, &contexts[..]) {
        (Some(chosen), all) if all.iter().any(|name| name == chosen) => chosen.to_owned(),
        (None, [only]) => only.clone(),
        (_, []) => return Err(wrong("the kubeconfig has no context".to_owned())),
        (chosen, all) => {
            let why = match chosen {
                Some(chosen) => format!("the kubeconfig has no context `{chosen}`"),
                None => "the kubeconfig has several contexts".to_owned(),
            };
            return Err(wrong(why).hint(format!("choose one: --cluster kubeconfig={}", all.join(" | "))));
        }
    };
    Ok(ExistingCluster { kubeconfig: None, context, load_balancers: false })
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
