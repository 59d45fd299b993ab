//! The laws of the sandbox.

mod common;
mod faults;
mod invariants;
mod progress;
mod restart;
mod transaction;
