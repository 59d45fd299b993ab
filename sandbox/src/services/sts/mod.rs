//! STS: who calls, and temporary credentials.

mod assume;
mod identity;
mod service;

pub use service::SERVICE;
