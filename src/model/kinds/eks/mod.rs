//! Kinds of Amazon Elastic Kubernetes Service.

mod access_entry;
mod addon;
mod cluster;
mod node_group;
mod pod_identity;

pub use access_entry::{AccessEntry, AccessEntryOutputs, AccessEntryType, AccessScope};
pub use addon::{Addon, AddonConflicts, AddonOutputs, AddonPodIdentity};
pub use cluster::{AuthenticationMode, Cluster, ClusterOutputs, ControlPlaneLog, IpFamily, Support};
pub use node_group::{Capacity, NodeGroup, NodeGroupOutputs, NodeTemplate, Taint, TaintEffect, Unavailable};
pub use pod_identity::{PodIdentityAssociation, PodIdentityAssociationOutputs};
