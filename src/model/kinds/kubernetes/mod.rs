//! Kinds that live in a cluster.

mod difference;
mod ground;
mod release;

pub use ground::Ground;
pub use release::{OnFailure, Release, ReleaseOutputs};
