//! `{"detail": …}`.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::validation::{ValidationFinding, findings_json};
use crate::log::push_json_string;

/// The body of an error other than 422.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HTTPError)]
pub struct HttpErrorBody {
    /// What is wrong, for a person.
    pub detail: String,
}

/// An error as it is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// A status and its text.
    Detail(StatusCode, String),
    /// 503 with the time after which to try again, in seconds.
    Busy(u32, String),
    /// 422 with what is wrong with the body.
    Invalid(Vec<ValidationFinding>),
}

impl ApiError {
    /// 404, for a path that leads nowhere.
    #[must_use]
    pub fn not_found() -> Self {
        Self::Detail(StatusCode::NOT_FOUND, "Not Found".to_owned())
    }

    /// 405, for a path that knows other methods.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::Detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed".to_owned())
    }

    /// 503 with a text.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::Detail(StatusCode::SERVICE_UNAVAILABLE, detail.into())
    }

    /// The status that is answered.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Detail(status, _) => *status,
            Self::Busy(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = match &self {
            Self::Detail(_, text) | Self::Busy(_, text) => {
                let mut body = String::from("{\"detail\":");
                push_json_string(&mut body, text);
                body.push('}');
                body
            }
            Self::Invalid(findings) => findings_json(findings),
        };
        let json = HeaderValue::from_static("application/json");
        let mut response = (status, [(CONTENT_TYPE, json)], body).into_response();
        if let Self::Busy(seconds, _) = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
