//! Questions to cloud and cluster that change nothing.
//!
//! May use model, config, state and provider, and of the provider only what reads: it is given a client type that
//! has no way to write.

mod dns;
mod doctor;
mod logs;
mod services;

pub use dns::examine_names;
pub use doctor::{Check, Finding, Patient, Verdict, examine};
pub use logs::{PodLine, Sought, follow, gather};
pub use services::{Endpoint, PodState, ReleaseState, releases};
