//! ECR: repositories, images, layers, scans, and the same images through the OCI distribution API at `/v2/`.
//!
//! Not modelled: replication, pull-through caches, creation templates, signing; lifecycle policies are kept and
//! expire nothing. A basic scan ends as UNSUPPORTED_IMAGE, as ECR answers for images from scratch, unless findings
//! were seeded through the control API; with enhanced scanning the seeded findings are shown.

mod image;
mod image_calls;
mod layer;
mod manifest;
mod oci;
mod oci_blobs;
mod policy;
mod repository;
mod scan;
mod seed;
mod service;
mod state;

pub(crate) use seed::seed_findings;
pub use service::SERVICE;
pub use state::{Image, Repository, Scan, State, Upload};
