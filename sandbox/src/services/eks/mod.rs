//! EKS: clusters, their updates, node groups, add-ons, access entries, pod identity, insights, tags.
//!
//! What takes time on AWS takes time here: a cluster, a node group, an add-on or an update is in a transitional state
//! until the world's clock ends it ([`progress`]). A cluster really makes its security group and its network
//! interfaces in EC2, its own certificate authority, and writes its log group, also once more after it was deleted.
//!
//! Not modelled, and refused by name: Fargate, EKS Auto Mode, Outposts, hybrid nodes, identity provider
//! configurations, remote access by SSH key, IPv6, roll back of versions. Nodes are instance ids of an Auto Scaling
//! group, not instances of EC2; a node group makes no access entry for its role.

mod access_entry;
mod access_policy;
mod addon;
mod addon_catalog;
mod addon_schema;
mod addon_update;
mod certificate;
mod cluster;
mod cluster_config;
mod cluster_create;
mod cluster_delete;
mod cluster_read;
mod cluster_version;
mod encryption;
mod insight;
mod network;
mod node_group;
mod node_group_create;
mod node_group_delete;
mod node_group_read;
mod node_group_update;
mod node_release;
mod node_template;
mod pod_identity;
mod progress;
mod refuse;
mod role;
mod service;
mod state;
mod tag;
#[cfg(test)]
mod tests;
mod update;
mod version;

pub use access_entry::AccessEntry;
pub use addon::Addon;
pub(crate) use certificate::server_certificate;
pub use cluster::{Cluster, Network};
pub use node_group::{NodeGroup, Scaling, Taint};
pub use node_release::{recommended_image, release_version};
pub use pod_identity::PodIdentity;
pub use service::SERVICE;
pub use state::{Phase, State};
pub use update::Update;
pub use version::supported_versions;
