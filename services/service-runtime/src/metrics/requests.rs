//! Rate, errors and duration of the requests served.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::latency_histogram;

/// The route of requests that match none.
pub(crate) const UNMATCHED: &str = "unmatched";

/// A method's name, `OTHER` for those outside RFC 9110 and PATCH.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "OTHER",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: Arc<str>,
}

/// The metrics of requests.
pub(crate) struct RequestMetrics {
    routes: HashMap<Box<str>, Arc<str>>,
    unmatched: Arc<str>,
    total: Family<Outcome, Counter>,
    duration: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    panics: Counter,
}

impl RequestMetrics {
    /// Makes the metrics for the routes given and adds them to the registry.
    pub(crate) fn register(registry: &mut Registry, routes: impl IntoIterator<Item = String>) -> Self {
        let routes = routes.into_iter().map(|route| (route.clone().into_boxed_str(), Arc::from(route)));
        let metrics = Self {
            routes: routes.collect(),
            unmatched: UNMATCHED.into(),
            total: Family::default(),
            duration: Family::new_with_constructor(latency_histogram),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            panics: Counter::default(),
        };
        registry.register("http_requests", "Requests served by outcome", metrics.total.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time from the head of the request to the head of the response",
            metrics.duration.clone(),
        );
        registry.register("http_requests_in_flight", "Requests being served", metrics.in_flight.clone());
        registry.register("http_connections", "Open connections", metrics.connections.clone());
        registry.register(
            "http_panics",
            "Requests that ended in a fault of the program",
            metrics.panics.clone(),
        );
        metrics
    }

    /// Counts a request that begins, until the guard is dropped.
    pub(crate) fn begin(&self) -> Counted {
        Counted::more(&self.in_flight)
    }

    /// Counts a connection, until the guard is dropped.
    pub(crate) fn connected(&self) -> Counted {
        Counted::more(&self.connections)
    }

    /// Counts a fault of the program.
    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    /// Accounts for a request that was answered.
    pub(crate) fn finish(&self, method: &'static str, route: &str, status: StatusCode, duration: Duration) {
        let route = self.routes.get(route).unwrap_or(&self.unmatched);
        let labels = Route { method, route: Arc::clone(route) };
        self.duration.get_or_create(&labels).observe(duration.as_secs_f64());
        let labels = Outcome { method, route: labels.route, status: status.as_u16() };
        self.total.get_or_create(&labels).inc();
    }
}

/// One more in a gauge, until dropped.
pub(crate) struct Counted(Gauge);

impl Counted {
    fn more(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_cannot_make_series() {
        let mut registry = Registry::default();
        let metrics = RequestMetrics::register(&mut registry, ["/known".to_owned()]);
        let count = |registry: &Registry| {
            let mut text = String::new();
            prometheus_client::encoding::text::encode(&mut text, registry).expect("encodes");
            text.lines().filter(|line| line.starts_with("http_requests_total{")).count()
        };
        for number in 0..100 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).expect("a token");
            let route = format!("/unknown/{number}");
            metrics.finish(method_name(&method), &route, StatusCode::NOT_FOUND, Duration::ZERO);
        }
        assert_eq!(count(&registry), 1);
        metrics.finish("GET", "/known", StatusCode::OK, Duration::ZERO);
        assert_eq!(count(&registry), 2);
    }
}
