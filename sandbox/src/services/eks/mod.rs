//! The service `eks`.

mod state;

pub use state::State;
