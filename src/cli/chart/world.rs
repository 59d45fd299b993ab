//! What the verbs take from the process: folders, time, randomness. The edge of the pure engine.

use std::net::ToSocketAddrs;
use std::path::PathBuf;

use crate::chart::Value;
use crate::chart::host::{Host, Lookup};
use crate::provider::kube::Cluster;

/// Folders and time for one run.
#[derive(Debug, Clone)]
pub struct World {
    /// Where fetched charts are kept.
    pub cache: PathBuf,
    /// Docker's `config.json`.
    pub docker_config: PathBuf,
    /// Helm's `repositories.yaml`.
    pub repositories: PathBuf,
    /// The time of the run.
    pub now: jiff::Timestamp,
}

impl World {
    /// The folders that environment variables name, or the customary ones, and the time now.
    pub fn from_process() -> Self {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = variable("HOME").unwrap_or_else(|| PathBuf::from("."));
        let cache = variable("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache"));
        let docker = variable("DOCKER_CONFIG").unwrap_or_else(|| home.join(".docker"));
        let config = variable("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Self {
            cache: variable("PLATCTL_CACHE").unwrap_or_else(|| cache.join("platctl")).join("charts"),
            docker_config: docker.join("config.json"),
            repositories: variable("HELM_REPOSITORY_CONFIG")
                .unwrap_or_else(|| config.join("helm").join("repositories.yaml")),
            now: jiff::Timestamp::now(),
        }
    }
}

impl Host for World {
    fn now(&self) -> (i64, u32) {
        let nanoseconds = u32::try_from(self.now.subsec_nanosecond()).unwrap_or(0);
        (self.now.as_second(), nanoseconds)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        use rustls::crypto::ring::default_provider;
        let filled = default_provider().secure_random.fill(bytes);
        filled.expect("the system's random number generator works");
    }

    fn resolve(&self, name: &str) -> Result<String, String> {
        let mut found = (name, 0).to_socket_addrs().map_err(|error| error.to_string())?;
        found.next().map(|address| address.ip().to_string()).ok_or_else(|| format!("no such host: {name}"))
    }
}

/// The world with a cluster in it, which `lookup` asks.
pub(super) struct Clustered<'w> {
    pub(super) world: &'w World,
    pub(super) cluster: Cluster,
    /// Where the calls run; the rendering waits for them.
    pub(super) runtime: tokio::runtime::Handle,
}

impl Host for Clustered<'_> {
    fn now(&self) -> (i64, u32) {
        self.world.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.world.fill_random(bytes);
    }

    fn resolve(&self, name: &str) -> Result<String, String> {
        self.world.resolve(name)
    }

    fn lookup(&self, query: &Lookup<'_>) -> Result<Option<Value>, String> {
        let found = self.runtime.block_on(self.cluster.lookup(query)).map_err(|error| error.to_string())?;
        found.map(serde_json::from_value).transpose().map_err(|error| error.to_string())
    }
}
