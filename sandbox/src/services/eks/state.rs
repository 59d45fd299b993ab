//! What EKS knows of one region.

use serde::{Deserialize, Serialize};

use super::access_entry::AccessEntry;
use super::addon::Addon;
use super::cluster::Cluster;
use super::node_group::NodeGroup;
use super::pod_identity::PodIdentity;
use super::update::Update;
use crate::world::Table;

/// EKS's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Clusters by name.
    pub clusters: Table<Cluster>,
    /// Node groups by `cluster/name`.
    pub node_groups: Table<NodeGroup>,
    /// Add-ons by `cluster/name`.
    pub addons: Table<Addon>,
    /// Access entries by `cluster/principal`.
    pub access_entries: Table<AccessEntry>,
    /// Pod identity associations by `cluster/id`.
    pub pod_identities: Table<PodIdentity>,
    /// Updates by `cluster/id`.
    pub updates: Table<Update>,
}

/// The key of something that belongs to a cluster.
pub(super) fn member(cluster: &str, name: &str) -> String {
    format!("{cluster}/{name}")
}

/// The rows of a cluster, with their names in it.
pub(super) fn members<'t, T: Clone>(
    table: &'t Table<T>,
    cluster: &'t str,
) -> impl Iterator<Item = (&'t str, &'t T)> {
    // No cluster name holds a slash, so the first one ends it.
    table.iter().filter_map(move |(key, row)| {
        let (owner, name) = key.split_once('/')?;
        (owner == cluster).then_some((name, row))
    })
}

/// Where something is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Being made.
    Creating,
    /// In use.
    Active,
    /// Being changed.
    Updating,
    /// Going away.
    Deleting,
    /// Could not be made.
    CreateFailed,
    /// Works badly.
    Degraded,
}

impl Phase {
    /// The status in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
            Self::CreateFailed => "CREATE_FAILED",
            Self::Degraded => "DEGRADED",
        }
    }
}
