//! Auto Scaling: the groups that node groups of EKS make, their instances and tags.
//!
//! Groups are made by EKS only ([`requester`]); `CreateAutoScalingGroup` is not modelled. A group's instances follow
//! its desired capacity at once.

mod activity;
mod describe;
mod group;
pub mod requester;
mod service;
mod state;
mod tag;

pub use group::{Group, Instance};
pub use service::SERVICE;
pub use state::State;
