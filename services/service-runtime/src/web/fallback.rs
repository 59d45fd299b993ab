//! Answers to requests that match nothing.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode, Uri};

use crate::context::Context;
use crate::fastapi::ApiError;

/// 404, or for a known path with a slash at its end the way to it, as Starlette's `redirect_slashes`
/// does. The location is a path, so that no `Host` header can lead elsewhere.
pub(crate) async fn not_found(State(context): State<Context>, uri: Uri) -> Response {
    let trimmed = uri.path().trim_end_matches('/');
    if trimmed.len() < uri.path().len() && context.routes().allowed(context.routes().find(trimmed)).is_some()
    {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(location) = HeaderValue::try_from(format!("{trimmed}{query}")) {
            return (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response();
        }
    }
    ApiError::not_found().into_response()
}

/// 405; `Allow` is added around it.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::method_not_allowed()
}

/// 503, before the service has started.
pub(crate) async fn still_starting() -> ApiError {
    ApiError::unavailable("Service is starting")
}
