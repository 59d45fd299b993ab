//! Amazon Simple Storage Service.

mod bucket;
mod bucket_parts;
mod bucket_reads;
mod emptying;
