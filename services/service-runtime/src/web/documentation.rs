//! `/openapi.json` and the interactive `/docs`, which work offline.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::page::compressed;
use crate::fastapi::ApiError;

/// The route of the files that `/docs` loads.
pub(crate) const DOCUMENTATION_FILES: &str = "/docs/{*file}";

/// Swagger UI sets styles on elements, hence the exception for styles.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; frame-ancestors 'none'";

/// The routes of the documentation.
pub(crate) fn documentation_routes<S: Clone + Send + Sync + 'static>(
    document: &OpenApi,
) -> Result<Router<S>, serde_json::Error> {
    let document = Bytes::from(serde_json::to_vec(document)?);
    let config = Arc::new(Config::from("/openapi.json"));
    let json = move || async move { ([(CONTENT_TYPE, "application/json")], document) };
    let files = Arc::clone(&config);
    let routes = Router::new()
        .route("/openapi.json", get(json))
        .route("/docs", get(move || async move { file("index.html", config) }))
        .route(DOCUMENTATION_FILES, get(move |Path(name): Path<String>| async move { file(&name, files) }));
    Ok(compressed(routes))
}

fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    let found = match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(found)) => found,
        Ok(None) => return ApiError::not_found().into_response(),
        Err(error) => {
            tracing::error!(%error, "the documentation cannot be rendered");
            return crate::server::fault();
        }
    };
    let content: Cow<'static, [u8]> = if name == "index.html" {
        // The page stands at /docs, its files below.
        let page = String::from_utf8_lossy(&found.bytes);
        let page =
            page.replace("=\"./", "=\"./docs/").replace("href=\"index.css\"", "href=\"./docs/index.css\"");
        Cow::Owned(page.into_bytes())
    } else {
        found.bytes
    };
    let content = match content {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => Bytes::from(content),
    };
    let text = found.content_type.starts_with("text/");
    let content_type = format!("{}{}", found.content_type, if text { "; charset=utf-8" } else { "" });
    let octets = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::try_from(content_type).unwrap_or(octets);
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static("max-age=3600")),
    ];
    (headers, content).into_response()
}
