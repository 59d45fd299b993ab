//! Whole environments by the shipped binary: from nothing to standing, through drift, changes and a replacement, to
//! nothing again, judged by another client.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "sandbox")]
mod door;
#[cfg(feature = "sandbox")]
mod existing;
#[cfg(feature = "sandbox")]
mod ground;
#[cfg(feature = "sandbox")]
mod life;
#[cfg(feature = "sandbox")]
mod peers;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
#[path = "../kinds/server.rs"]
mod server;
