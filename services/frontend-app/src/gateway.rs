//! Passing a request on to a backend and its response back.
//!
//! Laws: a POST is sent at most once; headers of the connection stay on their
//! connection; the response's body is streamed; whatever keeps a response from
//! coming becomes 503 with the reason.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Uri};
use service_runtime::Context;
use service_runtime::client::{Call, Limits, Upstream, UpstreamError, UrlError};
use service_runtime::fastapi::ApiError;
use service_runtime::trace;

/// Seconds after which a client that was turned away may try again.
const RETRY_AFTER: u32 = 1;

/// Headers that concern one connection only (RFC 9110, section 7.6.1), whether `Connection` names
/// them or not.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Request headers that are made anew for the backend.
const REMADE: [HeaderName; 6] =
    [HOST, CONTENT_LENGTH, EXPECT, trace::REQUEST_ID, trace::TRACEPARENT, trace::TRACESTATE];

/// A backend and its name for people.
#[derive(Clone)]
pub(crate) struct Backend {
    name: &'static str,
    upstream: Upstream,
}

impl Backend {
    pub(crate) fn new(
        context: &Context,
        name: &'static str,
        url: &Uri,
        limits: Limits,
    ) -> Result<Self, UrlError> {
        Ok(Self { name, upstream: context.upstream(name, url, limits)? })
    }

    /// A path of this backend.
    pub(crate) fn at(&self, path: &str) -> Result<Destination, UrlError> {
        Ok(Destination { target: self.upstream.target(path)?, backend: self.clone() })
    }
}

/// Where requests go.
#[derive(Clone)]
pub(crate) struct Destination {
    backend: Backend,
    target: Uri,
}

impl Destination {
    /// Sends a GET with the caller's headers.
    pub(crate) async fn get(&self, headers: HeaderMap) -> Result<Response, ApiError> {
        let mut headers = passed_on(headers);
        // A body that a GET came with is not passed on.
        headers.remove(CONTENT_TYPE);
        self.send(Method::GET, headers, Bytes::new()).await
    }

    /// Sends a POST with the caller's headers and this JSON.
    pub(crate) async fn post_json(&self, headers: HeaderMap, body: Vec<u8>) -> Result<Response, ApiError> {
        let mut headers = passed_on(headers);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.send(Method::POST, headers, Bytes::from(body)).await
    }

    async fn send(&self, method: Method, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
        let path = self.target.clone();
        match self.backend.upstream.send(Call { method, path, headers, body }).await {
            Ok(response) => {
                let mut response = response.map(Body::new);
                remove_hop_by_hop(response.headers_mut());
                Ok(response.into_response())
            }
            Err(error) => Err(self.unavailable(&error)),
        }
    }

    fn unavailable(&self, error: &UpstreamError) -> ApiError {
        tracing::warn!(backend = self.backend.name, reason = error.reason(), %error, "no response");
        let detail = format!("Backend service unavailable: {error}");
        match error {
            UpstreamError::Overloaded => ApiError::Busy(RETRY_AFTER, detail),
            _ => ApiError::unavailable(detail),
        }
    }
}

/// The caller's headers as the backend gets them.
fn passed_on(mut headers: HeaderMap) -> HeaderMap {
    remove_hop_by_hop(&mut headers);
    for name in REMADE {
        headers.remove(name);
    }
    if let Some(request) = trace::scope() {
        headers.insert(trace::REQUEST_ID, request.id.to_header());
        if let Some(state) = request.trace_state {
            headers.insert(trace::TRACESTATE, state);
        }
    }
    headers
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.into_iter().chain(named) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_connection_stay_on_it() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Private"),
            ("connection", "x-other"),
            ("x-private", "1"),
            ("x-other", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("host", "here"),
            ("accept", "application/json"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let passed = passed_on(headers);
        let names: Vec<_> = passed.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["accept"]);
    }
}
