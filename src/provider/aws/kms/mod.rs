//! AWS Key Management Service.

mod aliases;
mod key;
mod key_reads;
mod sign;

pub use sign::{Algorithm, Signature, sign, signing_key};
