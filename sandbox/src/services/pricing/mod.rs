//! Pricing: a small price list, enough to estimate a platform. The prices are those that AWS published for
//! us-east-1 in 2025, shown for every region: an estimate against the sandbox is an example, no offer.

mod product;
mod service;

pub use service::SERVICE;
