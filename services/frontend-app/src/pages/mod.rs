//! The page at `/` and the page on the service itself at `/info`.
//!
//! All files are part of the binary and nothing is loaded from elsewhere. What
//! the server knows of itself is put into the pages once, at start.

mod template;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use service_runtime::{Context, asset, html_page};

/// Routes of the files that the pages load.
pub(crate) const ASSETS: [&str; 2] = ["/assets/page.css", "/assets/page.js"];

#[derive(Clone)]
struct Pages {
    home: Bytes,
    context: Context,
}

pub(crate) fn routes(context: Context) -> Router {
    let home = Bytes::from(template::home(context.identity()));
    Router::new()
        .route("/", get(home_page))
        .route("/info", get(info_page))
        .route(ASSETS[0], get(|| async { asset("text/css; charset=utf-8", include_str!("page.css")) }))
        .route(ASSETS[1], get(|| async { asset("text/javascript; charset=utf-8", include_str!("page.js")) }))
        .with_state(Pages { home, context })
}

async fn home_page(State(pages): State<Pages>) -> Response {
    html_page(pages.home)
}

async fn info_page(State(pages): State<Pages>) -> Response {
    html_page(template::info(&pages.context))
}

/// Show the page that uses both backends
#[utoipa::path(
    get,
    path = "/",
    tag = "pages",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
#[allow(dead_code, reason = "documents `home_page`")]
pub(crate) fn home() {}

/// Show what this service is, where it runs and what it offers
#[utoipa::path(
    get,
    path = "/info",
    tag = "pages",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
#[allow(dead_code, reason = "documents `info_page`")]
pub(crate) fn info() {}
