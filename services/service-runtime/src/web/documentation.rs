//! `/openapi.json` and the interactive `/docs`, which work offline.
//!
//! Swagger UI comes from `utoipa-swagger-ui-vendored`; the build script takes from it what the page
//! loads. `utoipa-swagger-ui` itself would embed the whole of it, unpacked: eight times as much.

use std::io::Read;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use http::{HeaderMap, HeaderValue};
use utoipa::openapi::OpenApi;

use super::page::compressed;
use crate::fastapi::ApiError;

/// The route of the files that `/docs` loads.
pub(crate) const DOCUMENTATION_FILES: &str = "/docs/{*file}";

/// Swagger UI sets styles on elements, hence the exception for styles.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; frame-ancestors 'none'";

const PAGE: &str = include_str!("documentation.html");
const SCRIPT: &str = include_str!("documentation.js");

/// A file of Swagger UI.
struct File {
    name: &'static str,
    content_type: &'static str,
    /// Its content as gzip.
    packed: &'static [u8],
}

static FILES: [File; 6] = include!(concat!(env!("OUT_DIR"), "/documentation_files.rs"));

/// The routes of the documentation.
pub(crate) fn documentation_routes<S: Clone + Send + Sync + 'static>(
    document: &OpenApi,
) -> Result<Router<S>, serde_json::Error> {
    let page = Bytes::from(PAGE.replace("{{title}}", &document.info.title));
    let document = Bytes::from(serde_json::to_vec(document)?);
    let json = move || async move { ([(CONTENT_TYPE, "application/json")], document) };
    let page = move || async move { answer("text/html; charset=utf-8", page) };
    let routes = Router::new().route("/openapi.json", get(json)).route("/docs", get(page)).route(
        DOCUMENTATION_FILES,
        get(|Path(name): Path<String>, headers| async move { file(&name, &headers) }),
    );
    Ok(compressed(routes))
}

fn answer(content_type: &'static str, content: impl Into<Bytes>) -> Response {
    let headers =
        [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "max-age=3600")];
    (headers, content.into()).into_response()
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    if name == "start.js" {
        return answer("text/javascript; charset=utf-8", SCRIPT);
    }
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return ApiError::not_found().into_response();
    };
    let mut response = if accepts_gzip(headers) {
        let mut response = answer(file.content_type, file.packed);
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let mut content = Vec::new();
        if let Err(error) = GzDecoder::new(file.packed).read_to_end(&mut content) {
            tracing::error!(%error, "a file of the documentation cannot be unpacked");
            return crate::server::fault();
        }
        answer(file.content_type, content)
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Whether the client takes gzip (RFC 9110, section 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let quality = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
        gzip && quality.parse().is_ok_and(|quality: f32| quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (value, taken) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("gzip; q=0", false),
            ("gzip;q=0.000", false),
            ("identity", false),
            ("xgzip", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(accepts_gzip(&headers), taken, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
