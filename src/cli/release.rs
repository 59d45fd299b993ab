//! What the verbs about one release share: which one, where it is, and what its problems mean.

use clap::Args;

use super::args::EnvironmentArg;
use super::context::Context;
use super::{CREDENTIALS, FAILED, cluster};
use crate::provider::Class;
use crate::provider::kube::{ApplyError, Cluster};
use crate::provider::release::{DeployError, find};
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

/// The cluster that a release is in, and the namespace.
pub(super) struct Reached {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
}

impl ReleaseArgs {
    /// Reaches the cluster and finds the release.
    pub(super) async fn reach(&self, context: &Context) -> Result<Reached, Problem> {
        let environment = context.environment(&self.environment.environment)?;
        let cluster = cluster::reach(context, &environment).await?;
        if let Some(namespace) = &self.namespace {
            return Ok(Reached { cluster, namespace: namespace.clone() });
        }
        let found = find(&cluster, &self.release).await.map_err(|error| problem(&error, self))?;
        let namespace = found.ok_or_else(|| {
            Problem::new(FAILED, format!("no release {} is recorded in any namespace", self.release))
                .hint("`helm list --all-namespaces` lists the releases, whoever made them")
        })?;
        Ok(Reached { cluster, namespace })
    }
}

/// The problem that an error is.
pub(super) fn problem(error: &DeployError, of: &ReleaseArgs) -> Problem {
    let code = match error {
        DeployError::Call(call) if call.class == Class::Denied => CREDENTIALS,
        _ => FAILED,
    };
    let mut problem = Problem::from_error(code, error);
    problem.causes.extend(error.details());
    let environment = &of.environment.environment;
    match error {
        DeployError::Apply(errors) if errors.iter().any(ApplyError::is_conflict) => problem
            .hint("take what others own with --force-conflicts, or leave it to them: drop it from the chart"),
        DeployError::Apply(_) | DeployError::NotReady(_) | DeployError::Hook { .. } => problem.hint(format!(
            "it is recorded as failed; `platctl history {environment} {}` shows what stood before",
            of.release
        )),
        DeployError::Ambiguous { .. } => problem.hint("name the one that is meant with --namespace"),
        DeployError::Raced(_) => problem.hint("let that end, and try again"),
        DeployError::Storage(_) => problem.hint("nothing was applied"),
        _ => problem,
    }
}
