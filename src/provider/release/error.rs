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
    /// A Service was not switched to the new pods.
    #[error("{service} leads where it led: its load balancer does not take the new pods after {} s", .after.as_secs())]
    NotTaken {
        /// The Service.
        service: String,
        /// How long was waited.
        after: Duration,
        /// The pods, and how the load balancer finds them.
        targets: Vec<String>,
    },
    /// A Service was switched, and old pods are still sent requests: they stay.
    #[error("{service} was switched, and {} still sent requests after {} s", .addresses.join(", "), .after.as_secs())]
    StillSent {
        /// The Service.
        service: String,
        /// How long was waited.
        after: Duration,
        /// The addresses of the old pods.
        addresses: Vec<String>,
    },
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
            Self::NotTaken { targets, .. } => targets.clone(),
            Self::BroughtBack { source, .. } => source.details(),
            _ => Vec::new(),
        }
    }
}
