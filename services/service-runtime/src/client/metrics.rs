//! What is measured of calls.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::metrics::latency_histogram;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByUpstream {
    upstream: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStatus {
    upstream: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    upstream: &'static str,
    reason: &'static str,
}

/// The metrics of all upstreams of a process, made once and shared.
#[derive(Clone, Default)]
pub struct UpstreamMetrics(Arc<Families>);

struct Families {
    responses: Family<ByStatus, Counter>,
    failures: Family<ByReason, Counter>,
    duration: Family<ByUpstream, Histogram, fn() -> Histogram>,
    in_flight: Family<ByUpstream, Gauge>,
    connects: Family<ByUpstream, Counter>,
}

impl Default for Families {
    fn default() -> Self {
        Self {
            responses: Family::default(),
            failures: Family::default(),
            duration: Family::new_with_constructor(latency_histogram),
            in_flight: Family::default(),
            connects: Family::default(),
        }
    }
}

impl UpstreamMetrics {
    /// Makes the metrics and adds them to the registry.
    pub fn register(registry: &mut Registry) -> Self {
        let families = Families::default();
        registry.register(
            "upstream_responses",
            "Responses of upstreams by status",
            families.responses.clone(),
        );
        registry.register(
            "upstream_failures",
            "Calls of upstreams that brought no response, by reason",
            families.failures.clone(),
        );
        registry.register(
            "upstream_request_duration_seconds",
            "Time from a call to the head of the response or the failure",
            families.duration.clone(),
        );
        registry.register(
            "upstream_requests_in_flight",
            "Calls whose response has not ended",
            families.in_flight.clone(),
        );
        registry.register("upstream_connects", "Connections opened to upstreams", families.connects.clone());
        Self(Arc::new(families))
    }

    /// The metrics of one upstream.
    pub(super) fn of(&self, upstream: &'static str) -> OneUpstream {
        let label = ByUpstream { upstream };
        OneUpstream {
            upstream,
            duration: self.0.duration.get_or_create_owned(&label),
            in_flight: self.0.in_flight.get_or_create_owned(&label),
            connects: self.0.connects.get_or_create_owned(&label),
            families: Arc::clone(&self.0),
        }
    }
}

/// The metrics of one upstream, looked up once.
pub(super) struct OneUpstream {
    upstream: &'static str,
    families: Arc<Families>,
    pub(super) duration: Histogram,
    pub(super) in_flight: Gauge,
    pub(super) connects: Counter,
}

impl OneUpstream {
    pub(super) fn responded(&self, status: u16) {
        let labels = ByStatus { upstream: self.upstream, status };
        self.families.responses.get_or_create(&labels).inc();
    }

    pub(super) fn failed(&self, reason: &'static str) {
        let labels = ByReason { upstream: self.upstream, reason };
        self.families.failures.get_or_create(&labels).inc();
    }
}
