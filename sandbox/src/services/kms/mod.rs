//! The service `kms`.

mod state;

pub use state::State;
