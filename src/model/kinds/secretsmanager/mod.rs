//! Kinds of AWS Secrets Manager.

mod secret;

pub use secret::{Characters, Generated, Secret, SecretOutputs};
