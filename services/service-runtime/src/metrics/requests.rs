//! Rate, errors and duration of the requests served.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::latency_histogram;
use crate::web::Route;

/// A method as a label, from a fixed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MethodLabel(usize);

/// The methods of RFC 9110, PATCH, and the rest.
const METHODS: [&str; 10] =
    ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "OTHER"];

impl MethodLabel {
    /// The label of a method, `OTHER` for unknown ones.
    pub(crate) fn of(method: &Method) -> Self {
        let known = METHODS.iter().position(|name| *name == method.as_str());
        Self(known.unwrap_or(METHODS.len() - 1))
    }

    /// The method's name.
    pub(crate) fn name(self) -> &'static str {
        METHODS[self.0]
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: Arc<str>,
}

/// The metrics of one method of one route, looked up once.
struct Series {
    duration: Histogram,
    ok: Counter,
}

struct RouteSeries {
    route: Arc<str>,
    methods: [OnceLock<Series>; METHODS.len()],
}

/// The metrics of requests.
pub(crate) struct RequestMetrics {
    routes: Vec<RouteSeries>,
    total: Family<Outcome, Counter>,
    duration: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    panics: Counter,
}

impl RequestMetrics {
    /// Makes the metrics for the routes given and adds them to the registry.
    pub(crate) fn register(registry: &mut Registry, routes: &[String]) -> Self {
        let series =
            |name: &String| RouteSeries { route: Arc::from(name.as_str()), methods: Default::default() };
        let metrics = Self {
            routes: routes.iter().map(series).collect(),
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
    pub(crate) fn finish(&self, method: MethodLabel, route: Route, status: StatusCode, duration: Duration) {
        let known = &self.routes[route.index()];
        let (method, place) = (method.name(), method.0);
        let outcome = |status| Outcome { method, route: Arc::clone(&known.route), status };
        let series = known.methods[place].get_or_init(|| {
            let asked = Asked { method, route: Arc::clone(&known.route) };
            Series {
                duration: self.duration.get_or_create_owned(&asked),
                ok: self.total.get_or_create_owned(&outcome(200)),
            }
        });
        series.duration.observe(duration.as_secs_f64());
        match status {
            StatusCode::OK => series.ok.inc(),
            other => self.total.get_or_create(&outcome(other.as_u16())).inc(),
        };
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
    use crate::web::{CommonDocument, RouteTable};
    use utoipa::OpenApi as _;

    #[test]
    fn clients_cannot_make_series() {
        let table = RouteTable::new(&CommonDocument::openapi(), &[]);
        let mut registry = Registry::default();
        let metrics = RequestMetrics::register(&mut registry, table.names());
        let count = |registry: &Registry| {
            let mut text = String::new();
            prometheus_client::encoding::text::encode(&mut text, registry).expect("encodes");
            text.lines().filter(|line| line.starts_with("http_request_duration_seconds_count{")).count()
        };
        for number in 0..100 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).expect("a token");
            let route = table.find(&format!("/unknown/{number}"));
            metrics.finish(MethodLabel::of(&method), route, StatusCode::NOT_FOUND, Duration::ZERO);
        }
        assert_eq!(count(&registry), 1);
        let (get, health) = (MethodLabel::of(&Method::GET), table.find("/health"));
        metrics.finish(get, health, StatusCode::OK, Duration::ZERO);
        metrics.finish(get, health, StatusCode::OK, Duration::ZERO);
        assert_eq!(count(&registry), 2);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("encodes");
        let line = "http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 2";
        assert!(text.contains(line), "{text}");
    }
}
