//! The network of a cluster on loopback: a door for every address by which something in it is reached.
//!
//! A door is a listener that passes connections on to ready pods; which pods those are is looked up for every
//! connection, so that Services, records and pods may come and go. A connection stays with its pod, as behind a
//! network load balancer.

mod address;
mod door;
mod route;

pub(super) use address::{free_address, free_port};
pub(super) use door::Doors;
pub(super) use route::{named_on_loopback, on_loopback};
