//! The service `elb`.

mod state;

pub use state::State;
