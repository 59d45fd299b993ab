//! CloudWatch Logs: groups, retention, keys, classes, tags, streams and their events.
//!
//! Not modelled: metric filters, subscriptions, queries, data protection, deletion protection, filter patterns other
//! than terms. Retention is kept and shown; events do not age.

mod event;
mod filter;
mod group;
mod requester;
mod service;
mod state;
mod stream;
mod tag;
#[cfg(test)]
mod tests;

pub use group::Group;
pub use requester::write;
pub use service::SERVICE;
pub use state::State;
pub use stream::{Event, Stream};
