//! Questions to cloud and cluster that change nothing.
//!
//! May use model, config, state and provider, and of the provider only what reads: it is given a client type that
//! has no way to write.

mod doctor;

pub use doctor::{Check, Finding, Patient, Verdict, examine};
