//! Route 53: hosted zones, public and private, and their records. Not modelled: health checks, DNSSEC, traffic
//! policies, query logging, delegation sets; routing policies of records are kept and shown, and steer nothing.

mod association;
mod change;
mod list;
mod name;
mod record;
mod service;
mod state;
mod tag;
mod zone;

pub use service::SERVICE;
pub use state::{Change, Record, State, Zone};
