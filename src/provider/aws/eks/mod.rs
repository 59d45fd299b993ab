//! Amazon Elastic Kubernetes Service.

mod access;
mod access_entry;
mod addon;
mod cluster;
mod cluster_updates;
mod member;
mod node_group;
mod node_group_updates;
mod pod_identity;
mod tags;
mod token;
mod version;
mod words;

pub use access::ClusterPlace;
pub use token::ClusterToken;
