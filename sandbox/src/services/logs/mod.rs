//! The service `logs`.

mod state;

pub use state::State;
