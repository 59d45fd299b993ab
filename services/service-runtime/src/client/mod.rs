//! Calling other services by HTTP.
//!
//! Lives here: name resolution without the C library, pooled connections, and
//! [`Upstream`], a service that is called. Laws: everything is bounded (time
//! in all, time to connect, calls in flight, idle connections); a request that
//! is not safe to repeat is sent at most once; connections follow the name:
//! one whose address is no longer among the name's is not used again.
//! Only `http://` is spoken: TLS ends at the load balancers.

mod body;
mod connection;
mod error;
mod metrics;
mod pool;
mod resolver;
mod targets;
mod upstream;
mod url;

pub use body::{BodyError, UpstreamBody};
pub use error::UpstreamError;
pub use metrics::UpstreamMetrics;
pub use resolver::{ResolveError, Resolver, ResolverSettings};
pub(crate) use upstream::Shared;
pub use upstream::{Call, Limits, Upstream};
pub use url::{UrlError, http_url};
