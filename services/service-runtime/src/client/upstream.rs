//! A service that is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::body::{Held, InFlight, UpstreamBody};
use super::connection::{Connection, ExchangeError};
use super::error::UpstreamError;
use super::metrics::{OneUpstream, UpstreamMetrics};
use super::pool::Pool;
use super::resolver::Resolver;
use super::targets::{Addresses, Targets};
use super::url::{UrlError, http_url};
use crate::metrics::MethodLabel;
use crate::trace::{self, Exporter, Span, SpanContext, SpanKind};

/// What a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the call to the end of the response's body.
    pub timeout: Duration,
    /// To open a connection; within the timeout.
    pub connect_timeout: Duration,
    /// Calls at once.
    pub in_flight: usize,
}

/// One request to an upstream.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method; GET, HEAD, OPTIONS and TRACE may be sent again when a kept connection turns out
    /// to be closed, others never.
    pub method: Method,
    /// Path and query.
    pub path: Uri,
    /// Headers, without `host` and `content-length`.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
}

/// A service that is called; cheap to clone.
#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    name: &'static str,
    url: Uri,
    host: HeaderValue,
    limits: Limits,
    targets: Targets,
    pool: Arc<Pool>,
    permits: Arc<Semaphore>,
    turn: AtomicUsize,
    metrics: OneUpstream,
    spans: Exporter,
}

/// What upstreams share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) resolver: Resolver,
    pub(crate) metrics: UpstreamMetrics,
    pub(crate) spans: Exporter,
}

impl Upstream {
    /// An upstream at `url`; its name stands in metrics and spans.
    pub(crate) fn new(
        name: &'static str,
        url: &Uri,
        limits: Limits,
        shared: Shared,
    ) -> Result<Self, UrlError> {
        let url = http_url(&url.to_string())?;
        let authority = url.authority().ok_or(UrlError::Host)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| UrlError::Host)?;
        let port = url.port_u16().unwrap_or(80);
        let targets = Targets::new(authority.host().to_owned(), port, shared.resolver);
        Ok(Self(Arc::new(Inner {
            name,
            host,
            limits,
            targets,
            pool: Arc::new(Pool::new(limits.in_flight)),
            permits: Arc::new(Semaphore::new(limits.in_flight)),
            turn: AtomicUsize::new(0),
            metrics: shared.metrics.of(name),
            spans: shared.spans,
            url,
        })))
    }

    /// The target of a request for `path` (which starts with a slash) below the upstream's address.
    pub fn target(&self, path: &str) -> Result<Uri, UrlError> {
        let base = self.0.url.path().trim_end_matches('/');
        format!("{base}{path}").parse().map_err(|_| UrlError::Syntax)
    }

    /// The target of a request for the upstream's own address, with its query.
    #[must_use]
    pub fn own_target(&self) -> Uri {
        let path = self.0.url.path_and_query().cloned();
        path.map_or_else(|| Uri::from_static("/"), Uri::from)
    }

    /// Sends a call, and returns the response once its head is there. `traceparent` is set when the
    /// call belongs to a request.
    pub async fn send(&self, mut call: Call) -> Result<Response<UpstreamBody>, UpstreamError> {
        let inner = &*self.0;
        let Ok(permit) = Arc::clone(&inner.permits).try_acquire_owned() else {
            let error = UpstreamError::Overloaded;
            inner.metrics.failed(error.reason());
            return Err(error);
        };
        let flight = InFlight::begin(permit, inner.metrics.in_flight.clone());
        let span = trace::scope().map(|request| request.span.child());
        if let Some(span) = span {
            call.headers.insert(trace::TRACEPARENT, span.to_header());
        }
        let (wall, started) = (SystemTime::now(), Instant::now());
        let deadline = started + inner.limits.timeout;
        let outcome = timeout_at(deadline, inner.attempt(&call)).await;
        let outcome = outcome.unwrap_or(Err(UpstreamError::TimedOut(inner.limits.timeout)));
        inner.account(&outcome, started.elapsed());
        if let Some(span) = span {
            let status = outcome.as_ref().ok().map(|(response, _)| response.status().as_u16());
            inner.finish_span(span, &call.method, (wall, started.elapsed()), status);
        }
        let (response, connection) = outcome?;
        let (head, incoming) = response.into_parts();
        let held = Held { connection, pool: Arc::clone(&inner.pool), flight };
        let body = UpstreamBody::new(incoming, held, (deadline, inner.limits.timeout));
        Ok(Response::from_parts(head, body))
    }
}

type Exchanged = (Response<Incoming>, Connection);

impl Inner {
    async fn attempt(&self, call: &Call) -> Result<Exchanged, UpstreamError> {
        let addresses = self.targets.current().await.map_err(UpstreamError::Resolve)?;
        while let Some(mut connection) = self.pool.take(&addresses) {
            match connection.exchange(self.request(call)).await {
                Ok(response) => return Ok((response, connection)),
                Err(ExchangeError::Unsent) => {}
                // The upstream may have closed the kept connection just as we wrote to it.
                Err(ExchangeError::Sent(_)) if call.method.is_safe() => break,
                Err(ExchangeError::Sent(error)) => return Err(error.into()),
            }
        }
        let mut connection = self.connect(&addresses).await?;
        match connection.exchange(self.request(call)).await {
            Ok(response) => Ok((response, connection)),
            Err(ExchangeError::Sent(error)) => Err(error.into()),
            Err(ExchangeError::Unsent) => Err(UpstreamError::Closed),
        }
    }

    /// Connects; when nobody answers, asks whether the name has moved, and tries its new addresses.
    async fn connect(&self, addresses: &Addresses) -> Result<Connection, UpstreamError> {
        self.metrics.connects.inc();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let patience = self.limits.connect_timeout;
        let error = match Connection::open(addresses, turn, patience).await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        match self.targets.anew().await {
            Ok(new) if new != *addresses => Connection::open(&new, turn, patience).await,
            _ => Err(error),
        }
    }

    fn request(&self, call: &Call) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call.path.clone();
        *request.headers_mut() = call.headers.clone();
        request.headers_mut().insert(HOST, self.host.clone());
        request
    }

    fn account(&self, outcome: &Result<Exchanged, UpstreamError>, duration: Duration) {
        self.metrics.duration.observe(duration.as_secs_f64());
        match outcome {
            Ok((response, _)) => self.metrics.responded(response.status().as_u16()),
            Err(error) => self.metrics.failed(error.reason()),
        }
    }

    fn finish_span(
        &self,
        context: SpanContext,
        method: &Method,
        (start, duration): (SystemTime, Duration),
        status: Option<u16>,
    ) {
        if self.spans.wants(context.sampled) {
            let (kind, target) = (SpanKind::Client, self.name.to_owned());
            let method = MethodLabel::of(method).name();
            self.spans.take(Span { context, kind, method, target, start, duration, status });
        }
    }
}
