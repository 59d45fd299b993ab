//! Kinds of Amazon Elastic Container Registry.

mod image;
mod repository;

pub use image::{Image, ImageOutputs};
pub use repository::{ImageEncryption, Repository, RepositoryOutputs};
