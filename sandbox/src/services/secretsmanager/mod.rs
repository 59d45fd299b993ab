//! The service `secretsmanager`.

mod state;

pub use state::State;
