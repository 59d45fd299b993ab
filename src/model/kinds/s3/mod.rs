//! Kinds of Amazon Simple Storage Service.

mod bucket;

pub use bucket::{Bucket, BucketEncryption, BucketOutputs, Expiry};
