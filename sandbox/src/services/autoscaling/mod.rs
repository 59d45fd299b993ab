//! The service `autoscaling`.

mod state;

pub use state::State;
