//! platctl: from an empty AWS account to a running EKS platform, and back.
//!
//! One idea: configuration is expanded to what is desired, the cloud is observed, the journal is folded to what
//! is recorded; a pure planner compares the three, and an interpreter applies the plan, writing down each
//! intent before the call and each outcome after it.

pub mod apply;
pub mod blueprint;
pub mod chart;
pub mod cli;
pub mod config;
pub mod graph;
pub mod image;
pub mod inspect;
pub mod model;
pub mod plan;
pub mod provider;
pub mod release;
pub mod state;
pub mod ui;
