//! S3: buckets, versioned objects, conditional writes, multipart uploads: what remote state needs.
//!
//! Not modelled: access control lists, object tags and locks, website, replication, notifications; lifecycle rules
//! are kept and expire nothing. Checksums other than MD5 are kept and shown, not verified.

mod bucket;
mod bucket_config;
mod list;
mod multipart;
mod object;
mod read;
mod service;
mod state;

pub use service::SERVICE;
pub use state::{Bucket, ObjectVersion, State, Upload};
