//! Secrets Manager: secrets with staged versions, a recovery window, tags. Not modelled: rotation, replicas.

mod secret;
mod service;
mod state;
mod value;

pub(crate) use secret::arn_of;
pub use service::SERVICE;
pub use state::{Secret, State, Version};
