//! ACM: public certificates, validated by DNS through the account's own public zones. Not modelled: imported and
//! private certificates, renewal, export, e-mail validation (a certificate so requested stays pending).

mod certificate;
mod service;
mod state;

pub use service::SERVICE;
pub use state::{Certificate, State};
