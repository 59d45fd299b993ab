//! Kinds that live in a cluster.

mod difference;
mod release;

pub use release::{OnFailure, Release, ReleaseOutputs};
