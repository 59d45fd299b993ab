//! Whole environments by the shipped binary: from nothing to standing, through drift, changes and a replacement, to
//! nothing again, judged by another client.
//!
//! They are on the sandbox alone. Neither moto 5.2 nor ministack 1.5 lets one stand: moto keeps neither access mode nor
//! support type of a cluster, ministack cannot revoke the rule to everywhere of a security group and does not tell a NAT
//! gateway's address, and a change that a service took and did not make is an error here. What each kind does on them
//! is judged in `tests/kinds`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "sandbox")]
mod controller;
#[cfg(feature = "sandbox")]
mod door;
#[cfg(feature = "sandbox")]
mod existing;
#[cfg(feature = "sandbox")]
mod ground;
#[cfg(feature = "sandbox")]
mod life;
#[cfg(feature = "sandbox")]
mod releases;
#[cfg(feature = "sandbox")]
mod sandbox;
