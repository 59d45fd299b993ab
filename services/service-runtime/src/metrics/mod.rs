//! Metrics in the OpenMetrics text format.
//!
//! Lives here: rate, errors and duration of requests per route, process
//! metrics, and what they share. Law: every label comes from a fixed set
//! (routes of the service's document, known methods, status codes, upstreams'
//! names), so that no client can make series grow.

mod process;
mod requests;

pub(crate) use process::ProcessMetrics;
pub(crate) use requests::{MethodLabel, RequestMetrics};

use prometheus_client::metrics::histogram::Histogram;

/// Buckets in seconds, from a fast in-cluster answer to the gateway's timeout.
const LATENCY_BUCKETS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// A histogram of latencies.
pub(crate) fn latency_histogram() -> Histogram {
    Histogram::new(LATENCY_BUCKETS)
}
