//! Kinds that live in a cluster.

mod color;
mod difference;
mod ground;
mod release;

pub use color::Color;
pub use ground::Ground;
pub use release::{OnFailure, Release, ReleaseOutputs, Strategy};
