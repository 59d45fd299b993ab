//! The service `route53`.

mod state;

pub use state::State;
