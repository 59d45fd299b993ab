//! Kinds of Amazon Route 53.

mod hosted_zone;
mod record_set;

pub use hosted_zone::{HostedZone, HostedZoneOutputs};
pub use record_set::{RecordContent, RecordSet, RecordType};
