//! The service `ecr`.

mod state;

pub use state::State;
