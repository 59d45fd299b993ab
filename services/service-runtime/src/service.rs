//! What a service states of itself.

use std::error::Error;

use axum::Router;
use utoipa::openapi::OpenApi;

use crate::config::Variables;
use crate::context::Context;

/// A service: its name, its settings, its document and its routes.
pub trait Service: 'static {
    /// The service's name, in logs, metrics and bodies.
    const NAME: &'static str;
    /// The version of its crate.
    const VERSION: &'static str;
    /// Where it listens unless told otherwise.
    const PORT: u16;
    /// Routes that its document does not name, such as the files of a page.
    const ASSETS: &'static [&'static str] = &[];
    /// What it is configured by, beside what all services are.
    type Settings: Send + 'static;

    /// Reads its settings; findings go to `variables`.
    fn settings(variables: &mut Variables) -> Self::Settings;

    /// The OpenAPI document of its own routes.
    fn document() -> OpenApi;

    /// Its own routes, once it is ready to serve them.
    fn routes(
        context: Context,
        settings: Self::Settings,
    ) -> impl Future<Output = Result<Router, Box<dyn Error + Send + Sync>>> + Send;
}
