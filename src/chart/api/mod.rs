//! What Kubernetes says of the objects that a chart gives, before any cluster is asked.
//!
//! `schemas` knows the fields of every kind: of Kubernetes' own kinds from the crate of its types, of others from the
//! definitions (`CustomResourceDefinition`) that stand beside them. `judge` walks an object along its schema, and `check`
//! takes all objects of a rendered chart. What is found would be refused by the API server's apply as well: fields that
//! do not exist, values of another type, fields that must be there. What only the server's own code knows (names
//! that are taken, selectors that select nothing, choices that exclude each other) is not looked for: a finding that is
//! none is worse than one that is missed.

mod check;
mod finding;
mod judge;
mod required;
mod schemas;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests;

pub use check::{Checked, check, learn};
pub use finding::{Finding, Problem};
pub use schemas::Schemas;
