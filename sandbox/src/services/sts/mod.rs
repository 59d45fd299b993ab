//! STS: who calls, and temporary credentials.

mod identity;
mod service;

pub use service::SERVICE;
