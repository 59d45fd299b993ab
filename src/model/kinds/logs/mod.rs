//! Kinds of Amazon CloudWatch Logs.

mod log_group;

pub use log_group::{LogClass, LogGroup, LogGroupOutputs};
