//! Systems Manager: the Parameter Store, with the public parameters of EKS images. Values of type SecureString are
//! shown as a cipher text unless they are asked for decrypted. Not modelled: labels, policies, the rest of SSM.

mod parameter;
mod public;
mod read;
mod service;
mod state;

pub use service::SERVICE;
pub use state::{Parameter, ParameterVersion, State};
