//! Why a release was not brought to stand.

use std::time::Duration;

use crate::provider::Error;
use crate::provider::kube::{ApplyError, NotReady};
use crate::release::{HistoryError, ManifestError, RenderingError, StorageError};

/// Why a release was not brought to stand.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A call failed.
    #[error("a call to the cluster failed")]
    Call(#[from] Error),
    /// What is recorded does not allow it.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// It cannot be stored, or what is stored cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Its manifest is none.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It cannot be rendered.
    #[error(transparent)]
    Rendering(#[from] RenderingError),
    /// Its chart is not at hand.
    #[error("the chart {0} is not at hand")]
    NoChart(String),
    /// What it is rendered to now is not what was planned.
    #[error("{object} is not what was planned")]
    Otherwise {
        /// The first object that differs.
        object: String,
    },
    /// It did not come to stand, and what stood before was brought back.
    #[error("revision {to} was brought back, as revision {revision}, after this")]
    BroughtBack {
        /// What stood.
        to: u64,
        /// The new number of that.
        revision: u64,
        /// What went wrong.
        source: Box<DeployError>,
    },
    /// Objects of it stay where they are.
    #[error("{} still there after {} s", .objects.join(", "), .after.as_secs())]
    Stays {
        /// The objects.
        objects: Vec<String>,
        /// How long was waited.
        after: Duration,
    },
    /// Objects were not applied.
    #[error("{} not applied", count(.0.len(), "was", "were"))]
    Apply(Vec<ApplyError>),
    /// Objects did not come to be ready.
    #[error("{} not become ready", count(.0.len(), "did", "did"))]
    NotReady(Vec<NotReady>),
    /// A hook failed.
    #[error("hook {hook} failed")]
    Hook {
        /// The hook.
        hook: String,
        /// Why.
        source: Box<NotReady>,
    },
    /// Somebody else recorded a revision of the same number in the meantime.
    #[error("somebody else works on {0} at this moment")]
    Raced(String),
    /// There are releases of that name in several namespaces.
    #[error("{release} is in several namespaces: {}", .namespaces.join(", "))]
    Ambiguous {
        /// The release.
        release: String,
        /// The namespaces.
        namespaces: Vec<String>,
    },
}

fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 object {one}") } else { format!("{number} objects {many}") }
}

impl DeployError {
    /// What went wrong with each object, a text each.
    pub fn details(&self) -> Vec<String> {
        let told = |error: &dyn std::error::Error| match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match self {
            Self::Apply(errors) => errors.iter().map(|error| told(error)).collect(),
            Self::NotReady(errors) => errors.iter().map(|error| told(error)).collect(),
            Self::BroughtBack { source, .. } => source.details(),
            _ => Vec::new(),
        }
    }
}
