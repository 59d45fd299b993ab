//! EC2: networks, gateways, security groups, endpoints, launch templates, volumes.
//!
//! One file a kind of resource. Not modelled: default VPCs (an account starts with none), instances (nodes of EKS
//! belong to the cluster model), IPv6.

mod describe;
mod kind;
mod service;
mod state;
mod subnet;
mod tag;
mod vpc;
mod vpc_attribute;
mod zone;

pub use kind::Kind;
pub use service::SERVICE;
pub use state::State;
pub use subnet::Subnet;
pub use vpc::{CidrAssociation, Vpc};
