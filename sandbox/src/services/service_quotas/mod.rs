//! The service `service_quotas`.

mod state;

pub use state::State;
