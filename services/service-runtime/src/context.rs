//! What all parts of a running service share.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::Uri;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use utoipa::openapi::OpenApi;

use crate::client::{Limits, Resolver, ResolverSettings, Shared, Upstream, UpstreamMetrics, UrlError};
use crate::config::RuntimeSettings;
use crate::health::Health;
use crate::identity::Identity;
use crate::log::Installed;
use crate::metrics::{ProcessMetrics, RequestMetrics};
use crate::trace::{ExportTask, Exporter};
use crate::web::RouteTable;

/// What all parts of a running service share; cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    /// Lives as long as the process, so that bodies and spans need no copies of it.
    identity: &'static Identity,
    settings: RuntimeSettings,
    health: Health,
    routes: &'static RouteTable,
    requests: RequestMetrics,
    registry: Registry,
    shared: Shared,
    started: Instant,
}

/// What a context is made of.
pub(crate) struct Parts {
    pub(crate) identity: Identity,
    pub(crate) settings: RuntimeSettings,
    pub(crate) resolver: ResolverSettings,
    pub(crate) document: OpenApi,
    /// Routes that the document does not name.
    pub(crate) assets: Vec<&'static str>,
    pub(crate) log: Option<Installed>,
}

impl Context {
    /// Sets up metrics, name resolution and tracing; needs an async runtime. The task sends spans,
    /// if a collector is set.
    pub(crate) fn new(parts: Parts) -> (Self, Option<ExportTask>) {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(ProcessMetrics::new(parts.log)));
        let routes: &'static RouteTable =
            Box::leak(Box::new(RouteTable::new(&parts.document, &parts.assets)));
        let requests = RequestMetrics::register(&mut registry, routes.names());
        let metrics = UpstreamMetrics::register(&mut registry);
        let dropped = Counter::default();
        registry.register("trace_spans_dropped", "Spans that could not be sent", dropped.clone());
        let identity: &'static Identity = Box::leak(Box::new(parts.identity));
        let resolver = Resolver::new(parts.resolver);
        let mut shared = Shared { resolver, metrics, spans: Exporter::default() };
        let task = start_export(&mut shared, &parts.settings, identity, dropped);
        let inner = Inner {
            identity,
            settings: parts.settings,
            health: Health::default(),
            routes,
            requests,
            registry,
            shared,
            started: Instant::now(),
        };
        (Self(Arc::new(inner)), task)
    }

    /// Who this process is and where it runs.
    #[must_use]
    pub fn identity(&self) -> &'static Identity {
        self.0.identity
    }

    /// The settings that all services share.
    #[must_use]
    pub fn settings(&self) -> &RuntimeSettings {
        &self.0.settings
    }

    /// The phase of the process.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// How long the process has run.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// The routes of the service's document.
    #[must_use]
    pub fn routes(&self) -> &'static RouteTable {
        self.0.routes
    }

    /// A service that this one calls, measured under `name`.
    pub fn upstream(&self, name: &'static str, url: &Uri, limits: Limits) -> Result<Upstream, UrlError> {
        Upstream::new(name, url, limits, self.0.shared.clone())
    }

    pub(crate) fn requests(&self) -> &RequestMetrics {
        &self.0.requests
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0.registry
    }

    pub(crate) fn spans(&self) -> &Exporter {
        &self.0.shared.spans
    }
}

fn start_export(
    shared: &mut Shared,
    settings: &RuntimeSettings,
    identity: &'static Identity,
    dropped: Counter,
) -> Option<ExportTask> {
    const LIMITS: Limits =
        Limits { timeout: Duration::from_secs(10), connect_timeout: Duration::from_secs(2), in_flight: 1 };
    let export = settings.trace_export.as_ref()?;
    // The settings accepted the address, so that it is one of an upstream.
    let collector = Upstream::new("otlp-collector", &export.endpoint, LIMITS, shared.clone()).ok()?;
    let (spans, task) = Exporter::start(collector, export, identity, dropped);
    shared.spans = spans;
    Some(task)
}

/// Now, as bodies show it: RFC 3339 in UTC with microseconds.
#[must_use]
pub fn timestamp() -> String {
    humantime::format_rfc3339_micros(SystemTime::now()).to_string()
}
