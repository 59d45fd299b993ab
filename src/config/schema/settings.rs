//! The root of an environment file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Aws, Cluster, Components, Deploy, Dns, Images, Network, Registry, Service, StateStore};
use crate::model::Tags;

/// One environment: everything that `platctl up` brings up, from the network to the services.
///
/// The file's name is the environment's name: `environments/dev.toml` is `dev`, and every name in the cloud
/// starts with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "platctl environment")]
pub struct Settings {
    /// The file that this one builds on, by name without `.toml`, next to this one. Tables merge key by key,
    /// scalars and arrays replace what was inherited, arrays of tables with a `name` merge by that name.
    #[serde(default, skip_serializing)]
    #[schemars(extend("format" = "file-stem"))]
    pub extends: Option<String>,
    /// True for a file that only serves as a base for others and is no environment of its own. Not inherited.
    #[serde(default, skip_serializing)]
    pub base: bool,
    /// Refuses `destroy` (also with `--yes`) and turns on EKS deletion protection. The way out is
    /// `protect = false`, `platctl up`, then `platctl destroy`.
    #[serde(default)]
    pub protect: bool,
    /// The Kubernetes namespace of the services.
    #[serde(default = "Settings::default_namespace")]
    #[schemars(extend("format" = "dns-label"))]
    pub namespace: String,
    /// Tags that every resource carries, besides `Name`, `platctl:environment` and `platctl:address`.
    #[serde(default)]
    pub tags: Tags,
    /// Where in AWS, and as whom.
    pub aws: Aws,
    /// Where the record of what stands is kept.
    #[serde(default)]
    pub state: StateStore,
    /// The virtual network.
    pub network: Network,
    /// The Kubernetes cluster.
    #[serde(default)]
    pub cluster: Cluster,
    /// What is deployed into the cluster.
    #[serde(default)]
    pub deploy: Deploy,
    /// The image repositories, one a service.
    #[serde(default)]
    pub registry: Registry,
    /// How the services' images are built.
    #[serde(default)]
    pub images: Images,
    /// The private DNS zone.
    #[serde(default)]
    pub dns: Dns,
    /// The services, by name.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// What runs in the cluster beside the services.
    #[serde(default)]
    pub components: Components,
}

impl Settings {
    fn default_namespace() -> String {
        "default".to_owned()
    }

    /// The services that are not switched off.
    pub fn enabled_services(&self) -> impl Iterator<Item = (&str, &Service)> {
        self.services
            .iter()
            .filter(|(_, service)| service.enabled)
            .map(|(name, service)| (name.as_str(), service))
    }
}
