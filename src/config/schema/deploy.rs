//! What is deployed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is deployed into the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deploy {
    /// Whether the services, and what they need of the cluster, are deployed into it. With false everything is made up
    /// to the cluster and the images, the cluster's own API is never asked, and what was deployed before is removed.
    pub enabled: bool,
}

impl Default for Deploy {
    fn default() -> Self {
        Self { enabled: true }
    }
}
