//! backend-app: states its status, lists its items, and works on texts.
//!
//! Everything but its own three routes comes from `service-runtime`.

mod routes;

use std::error::Error;

use axum::Router;
use service_runtime::config::Variables;
use service_runtime::{Context, Service};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The service.
pub struct BackendApp;

impl Service for BackendApp {
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const PORT: u16 = 8000;
    type Settings = ();

    fn settings(_: &mut Variables) {}

    fn document() -> OpenApi {
        routes::Document::openapi()
    }

    async fn routes(context: Context, (): ()) -> Result<Router, Box<dyn Error + Send + Sync>> {
        Ok(routes::routes(context))
    }
}
