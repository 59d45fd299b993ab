//! Amazon Route 53.

mod hosted_zone;
mod names;
mod record_set;
mod records;
mod zone_parts;
