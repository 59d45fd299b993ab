//! What the controllers of a cluster make in AWS, told through control calls: by tests, and by the controllers of the
//! clusters that run here (`crate::cluster`), whose work is so in the world's log.
//!
//! A Service of type LoadBalancer becomes a load balancer with target groups, listeners, security groups and rules
//! ([`network_balancer`] as the AWS Load Balancer Controller makes it, [`classic_balancer`] as the cloud controller
//! manager of EKS makes it); a PersistentVolumeClaim becomes a volume ([`volume`]); pods' addresses need
//! interfaces ([`interface`]). All of it carries the tags, names and descriptions of the real controllers, and
//! none of it belongs to the cluster in EKS: it stays behind when the cluster is deleted.
//!
//! The controllers do this through the same operations that everybody calls ([`aws::ask`]), so subnets, quotas and
//! dependencies hold for them too. Laws: a control call is whole or leaves nothing behind; nothing here knows how
//! the services keep their state, apart from what it looks up by tag.

mod aws;
mod classic_balancer;
mod interface;
mod network_balancer;
mod place;
mod request;
mod service;
#[cfg(test)]
mod tests;
mod volume;

pub(crate) use request::change;
