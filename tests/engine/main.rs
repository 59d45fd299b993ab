//! The plan and the engine against the fake provider: laws, crash matrix, failures.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crash;
mod failures;
mod images;
mod leftovers;
mod lints;
mod plans;
mod random;
mod support;
