//! frontend-app: a page for people, and the gateway to both backends.
//!
//! | room | what lives there |
//! |---|---|
//! | `settings` | the backends' addresses and the limits of calls |
//! | `gateway` | passing requests on |
//! | `routes` | which path goes where, and its documentation |
//! | `pages` | the page at `/` and the one at `/info` |

mod gateway;
mod pages;
mod routes;
mod settings;

use std::error::Error;

use axum::Router;
use service_runtime::config::Variables;
use service_runtime::{Context, Service, compressed};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

pub use settings::Settings;

/// The service.
pub struct FrontendApp;

impl Service for FrontendApp {
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const PORT: u16 = 8000;
    const ASSETS: &'static [&'static str] = &pages::ASSETS;
    type Settings = Settings;

    fn settings(variables: &mut Variables) -> Settings {
        Settings::read(variables)
    }

    fn document() -> OpenApi {
        routes::Document::openapi()
    }

    async fn routes(context: Context, settings: Settings) -> Result<Router, Box<dyn Error + Send + Sync>> {
        let backends = routes::Backends::new(&context, &settings)?;
        Ok(routes::routes(backends).merge(compressed(pages::routes(context))))
    }
}
