//! What happens around every request: its id, its trace, its metrics, its line in the log.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{ALLOW, CONNECTION, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use tower::Service;

use super::routes::Route;
use crate::context::Context;
use crate::fastapi::ApiError;
use crate::health::Phase;
use crate::metrics::MethodLabel;
use crate::trace::{
    REQUEST_ID, RequestId, RequestScope, Span, SpanContext, SpanKind, TRACEPARENT, TRACESTATE, within,
};

/// Routes that machines ask for all the time; they are logged at `debug`.
const WATCHED: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Serves a request by the routes, and tells of it.
///
/// This stands around the router and is no layer of it: a layer costs allocations in every request,
/// and a route is found more quickly in our own table, since no path has parameters.
pub(crate) async fn observe(context: &Context, mut routes: Router, request: Request<Body>) -> Response {
    let started = Instant::now();
    let _counted = context.requests().begin();
    let scope = scope_of(request.headers(), context);
    let served = Served {
        method: MethodLabel::of(request.method()),
        route: context.routes().find(request.uri().path()),
        span: scope.span,
        began: context.spans().wants(scope.span.sampled).then(SystemTime::now),
    };
    let id = scope.id.to_header();
    within(scope, async {
        let mut response = if served.refuses_head(request.method(), context) {
            ApiError::method_not_allowed().into_response()
        } else {
            // What a panic leaves behind belongs to the request and is dropped with it.
            let serving = AssertUnwindSafe(routes.call(request)).catch_unwind().await;
            match serving {
                Ok(Ok(response)) => response,
                Err(_) => {
                    context.requests().panicked();
                    tracing::error!("a request ended in a panic");
                    crate::server::fault()
                }
            }
        };
        served.add_headers(&mut response, id, context);
        served.account(response.status(), started.elapsed(), context);
        response
    })
    .await
}

/// The request's id and its place in a trace.
fn scope_of(headers: &HeaderMap, context: &Context) -> RequestScope {
    let id = RequestId::accept(headers.get(REQUEST_ID));
    let caller =
        single(headers, &TRACEPARENT).and_then(|value| SpanContext::from_traceparent(value.to_str().ok()?));
    match caller {
        Some(caller) => {
            let trace_state = single(headers, &TRACESTATE).cloned();
            RequestScope { id, span: caller.child(), trace_state }
        }
        None => {
            let span = SpanContext::root(context.spans().samples());
            RequestScope { id, span, trace_state: None }
        }
    }
}

/// The value of a header that occurs once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// What is known of a request from its head.
struct Served {
    method: MethodLabel,
    route: Route,
    span: SpanContext,
    began: Option<SystemTime>,
}

impl Served {
    /// FastAPI answers HEAD only where a route names it; axum would answer wherever GET is.
    fn refuses_head(&self, method: &Method, context: &Context) -> bool {
        let allowed = || context.routes().allowed(self.route)?.to_str().ok();
        *method == Method::HEAD && allowed().is_some_and(|methods| !methods.contains("HEAD"))
    }

    fn add_headers(&self, response: &mut Response, id: HeaderValue, context: &Context) {
        let not_allowed = response.status() == StatusCode::METHOD_NOT_ALLOWED;
        let headers = response.headers_mut();
        if not_allowed && let Some(allowed) = context.routes().allowed(self.route) {
            headers.insert(ALLOW, allowed.clone());
        }
        headers.insert(REQUEST_ID, id);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if context.health().phase() == Phase::Draining {
            // Clients that keep connections are to open their next one elsewhere.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn account(&self, status: StatusCode, duration: Duration, context: &Context) {
        context.requests().finish(self.method, self.route, status, duration);
        let route = context.routes().name(self.route);
        if context.settings().access_log {
            self.log(route, status, duration);
        }
        if let Some(start) = self.began {
            context.spans().take(Span {
                context: self.span,
                kind: SpanKind::Server,
                method: self.method.name(),
                target: route.to_owned(),
                start,
                duration,
                status: Some(status.as_u16()),
            });
        }
    }

    fn log(&self, route: &str, status: StatusCode, duration: Duration) {
        let (method, status) = (self.method.name(), status.as_u16());
        let duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3;
        if WATCHED.contains(&route) {
            tracing::debug!(target: "access", method, route, status, duration_ms, "request");
        } else {
            tracing::info!(target: "access", method, route, status, duration_ms, "request");
        }
    }
}
