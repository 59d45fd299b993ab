//! Classic load balancers: what Kubernetes' in-tree controller makes for a Service, and what a cleanup has to find.
//!
//! Not modelled, and refused by name: EC2-Classic zones, policies, registering of instances.

mod attribute;
mod balancer;
mod service;
mod state;
mod tag;
#[cfg(test)]
mod tests;

pub(crate) use balancer::leave_now;
pub use balancer::{Balancer, Check, Listener};
pub use service::SERVICE;
pub use state::State;
