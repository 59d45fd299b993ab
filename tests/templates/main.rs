//! The charts of `templates/`: what they render to, and what that means.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

#[path = "../chart_support/mod.rs"]
mod chart_support;
mod charts;
mod helm;
mod objects;
mod pod_security;
mod reachability;
mod values;
