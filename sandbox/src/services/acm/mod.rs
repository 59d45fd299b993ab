//! The service `acm`.

mod state;

pub use state::State;
