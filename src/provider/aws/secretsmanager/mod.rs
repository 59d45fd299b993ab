//! AWS Secrets Manager.

mod secret;
mod values;

pub(super) use values::{current_version, read as read_value};
