//! Amazon Elastic Container Registry.

mod image;
mod login;
mod repository;
mod repository_parts;
mod scan;

pub use image::marker;
pub(in crate::provider) use login::{Authorization, authorization};
pub use scan::{Scan, ScanFinding, scan};
