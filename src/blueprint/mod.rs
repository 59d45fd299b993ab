//! From settings to resources: what an environment's configuration means in AWS.
//!
//! Pure: the same platform always expands to the same resources, without reading or asking anything. One file a
//! part: `network`, `cluster` (and its `nodes` and `addons`), `identity`, `registry`, `dns`, `components`, `releases` (and the
//! `ground` they stand on, and the load balancer `controller`).
//!
//! May use `model` and `config`; no I/O. Laws: every reference resolves; every name that AWS keeps per account
//! starts with the environment's, so that nothing of one environment can be taken for another's; every
//! resource that can carry tags carries its `Name`, its environment, its address and the user's own; any
//! configuration that passes the checks expands.

mod addons;
mod cluster;
mod components;
mod controller;
mod dns;
mod expansion;
mod ground;
mod identity;
mod network;
mod nodes;
mod permissions;
mod registry;
mod releases;

pub use expansion::{cluster_name, expand};
pub use releases::{LeftOut, Renamed, Site, WithReleases, add_releases};

/// The chart of the load balancer controller, which does not come with platctl.
pub const CONTROLLER_CHART: &str = controller::CHART;

/// The address under which the load balancer controller is a release.
pub const CONTROLLER: &str = controller::NAME;
