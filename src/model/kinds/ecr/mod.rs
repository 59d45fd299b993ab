//! Kinds of Amazon Elastic Container Registry.

mod repository;

pub use repository::{ImageEncryption, Repository, RepositoryOutputs};
