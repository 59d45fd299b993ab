//! The service `iam`.

mod state;

pub use state::State;
