//! AWS Systems Manager.

mod parameter;
mod parameter_reads;
mod source;
