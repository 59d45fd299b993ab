//! The plan and the engine against the fake provider: laws, crash matrix, failures.

mod crash;
mod failures;
mod plans;
mod support;
