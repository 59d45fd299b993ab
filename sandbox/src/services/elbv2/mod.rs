//! Network and application load balancers: load balancers, target groups, listeners, rules, targets, attributes, tags.
//!
//! A load balancer makes a network interface in each of its subnets; they go a little after it does. Not modelled,
//! and refused by name: gateway load balancers, Lambda targets, elastic IPs of network load balancers, IPv6, mutual
//! authentication, transforms, trust stores.

mod action;
mod attribute;
mod balancer;
mod balancer_change;
mod health;
mod limit;
mod listener;
mod place;
mod rule;
mod service;
mod state;
mod tag;
mod target_group;
#[cfg(test)]
mod tests;

pub(crate) use balancer::leave_now;
pub use balancer::{Balancer, Kind};
pub use health::Target;
pub use listener::Listener;
pub use place::hosted_zone;
pub use rule::Rule;
pub use service::SERVICE;
pub use state::State;
pub use target_group::TargetGroup;
