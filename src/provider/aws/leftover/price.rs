//! What things cost a day while they stand: estimates in US dollars from AWS's list prices for us-east-1
//! (aws.amazon.com, pricing pages of Elastic Load Balancing and Amazon EBS), without traffic, requests and
//! provisioned performance. For telling people what leftovers cost, not for bills.

/// Hours of a day; prices are by the hour or by the month of 30 days.
const HOURS: f64 = 24.0;
const DAYS: f64 = 30.0;

/// An application, network or gateway load balancer.
pub(super) fn load_balancer() -> f64 {
    0.0225 * HOURS
}

/// A load balancer of the first generation.
pub(super) fn classic_load_balancer() -> f64 {
    0.025 * HOURS
}

/// A volume of a type and a size.
pub(super) fn volume(volume_type: &str, gib: u32) -> f64 {
    let a_month = match volume_type {
        "gp2" => 0.10,
        "io1" | "io2" => 0.125,
        "st1" => 0.045,
        "sc1" => 0.015,
        "standard" => 0.05,
        _ => 0.08,
    };
    f64::from(gib) * a_month / DAYS
}
