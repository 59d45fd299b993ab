//! KMS: symmetric keys, signing keys on P-256, aliases, rotation, policies, grants, tags.
//!
//! Encryption and signatures are real (AES-256-GCM, ECDSA). Not modelled, and refused by name: RSA, HMAC and other
//! curves, imported material, custom key stores, multi-region keys. A key that is pending deletion is gone when its
//! date has passed in world time; the instant clock does not hurry it.

mod alias;
mod asymmetric;
mod grant;
mod key;
mod lifecycle;
mod lookup;
mod policy;
mod rotation;
mod service;
mod state;
mod symmetric;
mod tag;
#[cfg(test)]
mod tests;

pub use grant::Grant;
pub use key::{Key, KeySpec, KeyState};
pub(crate) use lookup::arn_of;
pub use lookup::{Unusable, usable_key};
pub use service::SERVICE;
pub use state::{Alias, State};
