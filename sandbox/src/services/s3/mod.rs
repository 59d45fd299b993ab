//! The service `s3`.

mod state;

pub use state::State;
