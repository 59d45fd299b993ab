//! Configuration by environment variables, read once at start.
//!
//! Lives here: [`Variables`], which reads and checks variables and collects
//! every finding instead of stopping at the first, and [`RuntimeSettings`],
//! what all services are configured by. Services add their own variables in
//! [`crate::Service::settings`]. Laws: nothing outside this module reads the
//! environment; no value of a variable is ever repeated in a finding whose
//! variable may hold a secret.

mod settings;
mod variables;

pub use settings::{LogLevel, RuntimeSettings, TraceExport};
pub use variables::{Finding, Variables};
