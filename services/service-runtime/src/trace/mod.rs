//! Which request is served, within which trace (W3C Trace Context), and the
//! sending of spans to a collector (OTLP over HTTP, as JSON).
//!
//! Lives here: ids, the `traceparent` header, the request that the current
//! task serves, and the exporter. Laws: a caller's trace is continued and its
//! sampling decision kept; an invalid `traceparent` starts a new trace and its
//! `tracestate` is not passed on; spans never hold bodies, query strings,
//! client addresses or header values.

mod context;
pub(crate) mod current;
mod export;
mod otlp;
mod request_id;

pub use context::{SpanContext, SpanId, TraceId};
pub(crate) use current::within;
pub use current::{RequestScope, scope};
pub(crate) use export::{ExportTask, Exporter};
pub(crate) use otlp::{Span, SpanKind};
pub use request_id::RequestId;

/// The header of the trace, W3C Trace Context.
pub const TRACEPARENT: http::HeaderName = http::HeaderName::from_static("traceparent");
/// The header of vendors' additions to the trace, W3C Trace Context.
pub const TRACESTATE: http::HeaderName = http::HeaderName::from_static("tracestate");
/// The header of the request's id: accepted, answered, logged and passed on.
pub const REQUEST_ID: http::HeaderName = http::HeaderName::from_static("x-request-id");
