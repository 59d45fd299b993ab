//! Whole environments by the shipped binary: from nothing to standing, through drift, changes and a replacement, to
//! nothing again, judged by another client.
//!
//! On the sandbox the shipped environments stand as they are. With `PLATCTL_PEERS=1` they live on moto and ministack too,
//! as far as each of these goes (`peers`); what each kind does on them is judged in `tests/kinds`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "sandbox")]
#[path = "../common/place.rs"]
mod common;
#[cfg(feature = "sandbox")]
mod controller;
#[cfg(feature = "sandbox")]
mod door;
#[cfg(feature = "sandbox")]
#[path = "../peers/emulator.rs"]
mod emulator;
#[cfg(feature = "sandbox")]
mod existing;
#[cfg(feature = "sandbox")]
mod ground;
#[cfg(feature = "sandbox")]
mod life;
#[cfg(feature = "sandbox")]
mod listing;
mod own_chart;
#[cfg(feature = "sandbox")]
mod peers;
#[cfg(feature = "sandbox")]
mod releases;
#[cfg(feature = "sandbox")]
mod sandbox;
