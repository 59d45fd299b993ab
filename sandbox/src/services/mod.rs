//! The services: one folder each, found through the registry.
//!
//! A service may read another's state through the [`crate::world::Call`], and changes it only through the
//! functions that the other offers for that (`ec2::requester` makes network interfaces for clusters).

pub mod acm;
pub mod autoscaling;
pub mod ec2;
pub mod ecr;
pub mod eks;
pub mod elb;
pub mod elbv2;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod pricing;
mod registry;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod service_quotas;
pub mod ssm;
pub mod sts;
pub mod tagging;

#[cfg(test)]
mod consistency_tests;
pub(crate) use registry::model;
pub use registry::{
    Item, Operation, Outcome, Raw, SERVICES, Service, invalid_parameter, inventory, model_of, no_inventory,
    nothing_completes, raw, recognise, service, validation_error, validation_exception,
};
