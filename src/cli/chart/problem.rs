//! Why a verb could not run, with its causes and what to do.

use std::error::Error;

use crate::chart::capabilities::InvalidKubeVersion;
use crate::chart::render::{NoSuchTemplate, RenderError};
use crate::chart::values::SetError;
use crate::chart::yaml::YamlError;
use crate::provider::charts::FetchError;

/// What kind of failure it is: the caller makes an exit code of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The command line is wrong.
    Usage,
    /// Credentials are missing or not accepted.
    Credentials,
    /// Anything else.
    Failed,
}

/// Why a verb could not run.
#[derive(Debug, thiserror::Error)]
pub enum ChartProblem {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// A values file cannot be read.
    #[error("cannot read {file}: {why}")]
    File {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// A values file is no YAML map.
    #[error("failed to parse {file}")]
    Values {
        /// Which.
        file: String,
        /// What is wrong.
        source: YamlError,
    },
    /// A `--set` expression is wrong.
    #[error("failed parsing {flag} data {expression:?}")]
    Set {
        /// The flag.
        flag: &'static str,
        /// As it was given.
        expression: String,
        /// What is wrong.
        source: SetError,
    },
    /// The chart cannot be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Dependencies are missing.
    #[error("found in Chart.yaml, but missing in charts/ directory: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// A version that is none.
    #[error(transparent)]
    KubeVersion(#[from] InvalidKubeVersion),
    /// The chart cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Nothing comes from a template that was asked for.
    #[error(transparent)]
    ShowOnly(#[from] NoSuchTemplate),
}

impl ChartProblem {
    /// What kind of failure it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Usage(_)
            | Self::File { .. }
            | Self::Values { .. }
            | Self::Set { .. }
            | Self::KubeVersion(_) => Fault::Usage,
            Self::Fetch(error) if is_credentials(error) => Fault::Credentials,
            _ => Fault::Failed,
        }
    }

    /// What the user may do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fetch(error) => deepest(error).hint(),
            Self::Missing(_) => Some("run platctl chart deps update on the chart".to_owned()),
            Self::Render(RenderError::Schema(_)) => {
                Some("--skip-schema-validation renders without the check".to_owned())
            }
            Self::Render(RenderError::KubeVersion { .. }) => {
                Some("--kube-version tells the chart of another Kubernetes".to_owned())
            }
            _ => None,
        }
    }

    /// The error with its causes, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.to_string()];
        let mut cause = self.source();
        while let Some(error) = cause {
            lines.push(error.to_string());
            cause = error.source();
        }
        lines
    }
}

fn deepest(error: &FetchError) -> &FetchError {
    match error {
        FetchError::Dependency { source, .. } => deepest(source),
        other => other,
    }
}

fn is_credentials(error: &FetchError) -> bool {
    matches!(deepest(error), FetchError::Denied { .. } | FetchError::Credentials(_))
}
