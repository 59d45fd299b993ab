//! The request that the current task serves.

use http::HeaderValue;

use super::{RequestId, SpanContext};

/// What is known of a request while it is served.
#[derive(Debug, Clone)]
pub struct RequestScope {
    /// The request's id.
    pub id: RequestId,
    /// The span of serving it.
    pub span: SpanContext,
    /// Vendors' additions of the caller's trace, passed on unread.
    pub trace_state: Option<HeaderValue>,
}

tokio::task_local! {
    static CURRENT: RequestScope;
}

/// Runs a future as part of serving a request.
pub(crate) fn within<F: Future>(request: RequestScope, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(request, work)
}

/// Shows the current request, if there is one.
pub(crate) fn with(see: impl FnOnce(&RequestScope)) {
    // Outside a request there is nothing to see, and that is no fault.
    let _ = CURRENT.try_with(see);
}

/// The request that the current task serves.
#[must_use]
pub fn scope() -> Option<RequestScope> {
    CURRENT.try_with(Clone::clone).ok()
}
