//! The service `elbv2`.

mod state;

pub use state::State;
