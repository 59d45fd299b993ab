//! AWS behind the provider traits.
//!
//! `call` is the one layer that paces, repeats and counts; `error` the one place that knows error codes;
//! `dispatch` the one list of what lives here. A kind is a file in a service's folder that implements
//! [`Manage`]: it asks [`Aws`] for clients and makes each call through [`Aws::read`], [`Aws::converge`],
//! [`Aws::remove`] or [`Aws::once`], nothing around them.

mod account;
mod call;
mod client;
mod count;
mod dispatch;
mod ec2;
pub mod ecr;
mod eks;
mod error;
mod iam;
pub mod kms;
mod leftover;
mod logs;
mod manage;
mod pacing;
mod pages;
mod presence;
mod read_only;
mod references;
mod route53;
mod s3;
mod secretsmanager;
mod service;
mod settling;
mod ssm;
mod tagging;

pub use account::{
    Allowance, BalancerHealth, BalancerTarget, Identity, Quota, Usage, Zone, ZoneNetwork, needed_actions,
    role_of,
};
pub use call::{CallSettings, Patience};
pub use client::{Aws, Clients, http_client};
pub use count::{Count, Counted};
pub use eks::{ClusterPlace, ClusterToken};
pub use leftover::Remnant;
pub use manage::{Creation, Manage, Removal, Revision, Seen, Sought, Standing};
pub use manage::{gone_is_fine, resolve, resolve_all};
pub use pacing::Pacing;
pub use read_only::ReadOnly;
pub use service::Service;
