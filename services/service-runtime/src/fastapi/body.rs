//! Reading a JSON body.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRef, FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::content_type::is_json;
use super::error::ApiError;
use super::json::{JsonError, Value, loads};
use super::validation::{FromJson, ValidationFinding, raw};
use crate::context::Context;

/// How much more of a body that is too large is read and thrown away before the answer, so that a
/// client that writes first and reads afterwards sees the answer and no reset.
const DISCARDED_AT_MOST: usize = 8 << 20;
const DISCARDING_AT_MOST: Duration = Duration::from_secs(2);

/// A body in JSON, checked.
///
/// A strict parser reads what is valid; only what it refuses is read again as Python would, to
/// accept what Python accepts and to answer the rest in its words.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S, T> FromRequest<S> for JsonBody<T>
where
    S: Send + Sync,
    T: DeserializeOwned + FromJson,
    Context: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let context = Context::from_ref(state);
        let settings = context.settings();
        let (head, body) = request.into_parts();
        let deadline = Instant::now() + settings.body_timeout;
        let bytes = timeout_at(deadline, read(&head.headers, body, settings.max_body_bytes))
            .await
            .map_err(|_| too_slow())??;
        parse(&head.headers, &bytes).map(Self)
    }
}

fn too_slow() -> ApiError {
    ApiError::Detail(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time".to_owned())
}

async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        // A client that waits for "100 Continue" has sent nothing yet.
        if !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(too_large(limit));
    }
    let mut gathered = BytesMut::new();
    let mut first = Bytes::new();
    while let Some(frame) = body.frame().await {
        let broken = |_| {
            let text = "There was an error parsing the body".to_owned();
            ApiError::Detail(StatusCode::BAD_REQUEST, text)
        };
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if first.len() + gathered.len() + data.len() > limit {
            discard(body).await;
            return Err(too_large(limit));
        }
        // Most bodies come in one piece, which needs no copy.
        if first.is_empty() && gathered.is_empty() {
            first = data;
        } else {
            gathered.extend_from_slice(&std::mem::take(&mut first));
            gathered.extend_from_slice(&data);
        }
    }
    Ok(if gathered.is_empty() { first } else { gathered.freeze() })
}

fn too_large(limit: usize) -> ApiError {
    let text = format!("Request body is larger than {limit} bytes");
    ApiError::Detail(StatusCode::PAYLOAD_TOO_LARGE, text)
}

async fn discard(mut body: Body) {
    let deadline = Instant::now() + DISCARDING_AT_MOST;
    let mut left = DISCARDED_AT_MOST;
    while let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            return;
        }
    }
}

fn parse<T: DeserializeOwned + FromJson>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, ApiError> {
    let refuse = |finding| Err(ApiError::Invalid(vec![finding]));
    if bytes.is_empty() {
        return refuse(ValidationFinding::body_missing());
    }
    if !is_json(headers.get(CONTENT_TYPE)) {
        return refuse(ValidationFinding::not_an_object(raw(bytes)));
    }
    // Derived code would also take an array of the fields' values.
    if bytes.first() == Some(&b'{')
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Ok(value);
    }
    match loads(bytes) {
        Ok(object @ Value::Object(_)) => T::from_json(&object).map_err(ApiError::Invalid),
        Ok(other) => refuse(ValidationFinding::not_an_object(other)),
        Err(JsonError::Syntax(message, at)) => refuse(ValidationFinding::malformed(message, at)),
        Err(JsonError::Unreadable) => {
            let text = "There was an error parsing the body".to_owned();
            Err(ApiError::Detail(StatusCode::BAD_REQUEST, text))
        }
    }
}
