//! Semantic versions and ranges as Helm understands them (Masterminds/semver 3).
//!
//! Versions may lack parts and start with `v`; ranges have `~`, `^`, wildcards, hyphens and `||`, and skip
//! pre-releases unless they name one. Pure; for this room and for fetching charts.

mod constraint;
mod version;

pub use constraint::{Constraint, InvalidConstraint};
pub use version::{InvalidVersion, Version};
