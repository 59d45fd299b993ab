//! The service `ssm`.

mod state;

pub use state::State;
