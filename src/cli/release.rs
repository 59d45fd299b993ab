//! What verbs about one release share: which one, where its records are, and reading them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::args::EnvironmentArg;
use super::connect::{call_problem, connect};
use super::context::Context;
use super::{FAILED, cluster};
use crate::provider::kube::{Access, Cluster};
use crate::release::{Revision, read};
use crate::ui::Problem;

/// A release of an environment.
#[derive(Debug, Args)]
pub(super) struct ReleaseArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// The release
    #[arg(value_name = "RELEASE")]
    pub(super) release: String,
    /// The namespace it is in; looked for if it is not given
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
}

/// What is recorded of a release.
pub(super) struct Records {
    pub(super) namespace: String,
    /// Oldest first; at least one.
    pub(super) revisions: Vec<Revision>,
}

impl ReleaseArgs {
    /// Reads the records. One that cannot be read is a problem: what it holds may stand.
    pub(super) async fn records(&self, context: &Context) -> Result<Records, Problem> {
        let cluster = self.cluster(context).await?;
        let labels = format!("owner=helm,name={}", self.release);
        let secrets = cluster.secrets(self.namespace.as_deref(), &labels).await;
        let secrets = secrets.map_err(|error| call_problem(&error))?;
        let revisions = secrets.iter().map(read).collect::<Result<Vec<_>, _>>();
        let mut revisions = revisions.map_err(|error| Problem::from_error(FAILED, &error))?;
        revisions.sort_by_key(Revision::number);
        let mut namespaces: BTreeSet<String> =
            revisions.iter().map(|revision| revision.namespace().to_owned()).collect();
        if namespaces.len() > 1 {
            let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Problem::new(
                FAILED,
                format!("{} is in several namespaces: {namespaces}", self.release),
            )
            .hint("name the one that is meant with --namespace"));
        }
        let namespace = namespaces.pop_first().ok_or_else(|| {
            let place = self.namespace.as_deref().unwrap_or("any namespace");
            Problem::new(FAILED, format!("no release {} is recorded in {place}", self.release))
                .hint("`helm list --all-namespaces` lists the releases, whoever made them")
        })?;
        Ok(Records { namespace, revisions })
    }

    async fn cluster(&self, context: &Context) -> Result<Cluster, Problem> {
        let environment = context.environment(&self.environment.environment)?;
        let access = match environment.loaded.platform.settings.cluster.existing.clone() {
            Some(existing) => {
                Access::Context { file: existing.kubeconfig.map(PathBuf::from), context: existing.context }
            }
            None => {
                let name = cluster::name(&environment)?.to_owned();
                let reader = connect(context, &environment).await?.read_only();
                let place = cluster::place(&environment, &reader).await?;
                Access::Eks { reader, name, place }
            }
        };
        Ok(Cluster::new(access))
    }
}
