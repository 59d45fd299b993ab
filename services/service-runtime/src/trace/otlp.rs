//! Finished spans, and their OTLP encoding as JSON.
//!
//! Source: opentelemetry-proto `trace/v1/trace.proto` with the JSON mapping of
//! the OTLP specification (ids in hexadecimal, 64-bit integers as strings,
//! enums as numbers) and the HTTP semantic conventions 1.23 and later.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::SpanContext;
use crate::identity::Identity;

/// Which side of a call a span stands for; the values are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanKind {
    /// Serving a request.
    Server = 2,
    /// Sending one.
    Client = 3,
}

/// A finished span of an HTTP request.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) context: SpanContext,
    pub(crate) kind: SpanKind,
    pub(crate) method: &'static str,
    /// The route of a served request, the upstream's name of a sent one.
    pub(crate) target: String,
    pub(crate) start: SystemTime,
    pub(crate) duration: Duration,
    /// None if no response came.
    pub(crate) status: Option<u16>,
}

impl Span {
    fn to_json(&self) -> Value {
        let start = self.start.duration_since(UNIX_EPOCH).unwrap_or_default();
        let end = start + self.duration;
        let target = match self.kind {
            SpanKind::Server => "http.route",
            SpanKind::Client => "server.address",
        };
        let mut attributes =
            vec![attribute("http.request.method", self.method), attribute(target, &self.target)];
        if let Some(status) = self.status {
            attributes.push(json!({
                "key": "http.response.status_code",
                "value": {"intValue": status.to_string()},
            }));
        }
        // A client's fault is none of the server's span; both sides' 5xx and silence are.
        let failed = self
            .status
            .is_none_or(|status| status >= 500 || (self.kind == SpanKind::Client && status >= 400));
        let mut span = json!({
            "traceId": self.context.trace_id.to_string(),
            "spanId": self.context.span_id.to_string(),
            "name": format!("{} {}", self.method, self.target),
            "kind": self.kind as u8,
            "startTimeUnixNano": start.as_nanos().to_string(),
            "endTimeUnixNano": end.as_nanos().to_string(),
            "attributes": attributes,
            "status": {"code": if failed { 2 } else { 0 }},
        });
        if let Some(parent) = self.context.parent {
            span["parentSpanId"] = Value::from(parent.to_string());
        }
        span
    }
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// One `ExportTraceServiceRequest` for spans of this process.
pub(super) fn export_request(identity: &Identity, spans: &[Span]) -> Value {
    let resource = [
        ("service.name", identity.service),
        ("service.version", identity.version),
        ("k8s.pod.name", &identity.pod),
        ("k8s.node.name", &identity.node),
        ("k8s.namespace.name", &identity.namespace),
        ("k8s.cluster.name", &identity.cluster),
    ]
    .map(|(key, value)| attribute(key, value));
    let spans: Vec<_> = spans.iter().map(Span::to_json).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": "service-runtime"}, "spans": spans}],
    }]})
}
