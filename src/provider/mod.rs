//! What stands behind the plan: the cloud, the cluster, the registry.
//!
//! Providers read and change resources one call at a time, and decide nothing: what to do, in which order, and
//! what is written down about it belongs to the plan and the engine. They may use `model`, and
//! for what is in a cluster `chart` and `release`. Reading and changing are two traits, so that what only reads
//! (`diff`, `status`, ...) cannot change anything, by type.
//!
//! Content does not travel in specs. An image, and whatever else is larger than a plan should be, is named in its spec
//! by digest, and the bytes go to the provider beside the plan, in a [`Supply`]: `cli` builds what the plan is to make,
//! puts it under the address of its resource, and hands the supply over with [`aws::Aws::with_supply`] before the plan is
//! applied. A provider that makes such a resource takes the content from there, if its digest is the one of the spec,
//! and refuses otherwise; so the plan stays the contract, plans and journals stay small and free of bytes, and the
//! engine knows nothing of it. A further kind with content is one more field of [`Supply`].
//!
//! Laws, tested for every kind: after `create` and as many `update`s as it asks for, `spec.changes(&live)` is
//! empty; for every field with a policy, changing it behind our back makes exactly that field appear; `update`
//! and `delete` may be repeated at any point.

pub mod aws;
mod call;
pub mod charts;
mod clock;
mod error;
pub mod fake;
pub mod kube;
pub mod registry;
pub mod release;
mod supply;
mod world;

pub use call::{Create, Delete, Look, Observe, Provider, Update};
pub use clock::{Clock, SystemClock};
pub use error::{Class, Error};
pub use supply::{Delivered, Delivery, ScanGate, Supply};
pub use world::{World, WorldReader};

pub use crate::model::{Live, Observed, Readiness};
