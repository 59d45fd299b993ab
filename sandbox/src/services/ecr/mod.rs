//! ECR: repositories, images, layers, scans, and the same images through the OCI distribution API at `/v2/`.
//!
//! Not modelled: replication, pull-through caches, creation templates, signing; lifecycle policies are kept and
//! expire nothing. A basic scan of an image without an operating system (from scratch) ends as UNSUPPORTED_IMAGE.
//! What a scan finds is seeded through the control API; without a seed it finds nothing.

mod image;
mod image_calls;
mod layer;
mod manifest;
mod oci;
mod oci_blobs;
mod open;
mod policy;
mod repository;
mod scan;
mod seed;
mod service;
mod state;
mod system;
#[cfg(test)]
mod tests;

pub(crate) use open::open_registry;
pub(crate) use seed::seed_findings;
pub use service::SERVICE;
pub use state::{Image, Repository, Scan, State, Upload};
