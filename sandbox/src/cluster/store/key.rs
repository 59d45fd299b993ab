//! What an object is found by.

use serde::{Deserialize, Serialize};

/// What an object is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::cluster) struct Key {
    /// `deployments.apps`, `pods`.
    pub(in crate::cluster) resource: String,
    /// Empty for what stands outside namespaces.
    pub(in crate::cluster) namespace: String,
    pub(in crate::cluster) name: String,
}

impl Key {
    pub(in crate::cluster) fn new(resource: &str, namespace: &str, name: &str) -> Self {
        Self { resource: resource.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }
}
