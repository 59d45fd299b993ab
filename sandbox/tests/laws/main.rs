//! The laws of the sandbox.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod enforcement;
mod faults;
mod invariants;
mod progress;
mod restart;
mod transaction;
