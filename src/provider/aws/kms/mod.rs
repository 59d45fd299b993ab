//! AWS Key Management Service.

mod aliases;
mod key;
mod key_reads;
