//! Amazon Elastic Container Registry.

mod login;
mod repository;
mod repository_parts;
mod scan;

pub(in crate::provider) use login::{Authorization, authorization};
pub use scan::{Scan, ScanFinding, scan};
