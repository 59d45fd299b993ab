//! The routes of the process, as connections use them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use utoipa::openapi::OpenApi;

use crate::context::Context;
use crate::web::{
    common_routes, documentation_routes, method_not_allowed, not_found, observe, still_starting,
};

/// The routes: at first those that need no start, then all.
#[derive(Clone)]
pub(super) struct App(Arc<Inner>);

struct Inner {
    context: Context,
    starting: Router,
    started: OnceLock<Router>,
}

impl App {
    /// Routes for the time of the start.
    pub(super) fn new(context: Context) -> Self {
        let routes = common_routes().fallback(still_starting).with_state(context.clone());
        Self(Arc::new(Inner { context, starting: routes, started: OnceLock::new() }))
    }

    /// All routes from now on.
    pub(super) fn complete(&self, own: Router, document: &OpenApi) -> Result<(), serde_json::Error> {
        let context = &self.0.context;
        let routes = common_routes()
            .merge(documentation_routes(document)?)
            .with_state(context.clone())
            .merge(own)
            .method_not_allowed_fallback(method_not_allowed)
            .fallback_service(Router::new().fallback(not_found).with_state(context.clone()));
        // Completed once, by the one start of the service.
        let _ = self.0.started.set(routes);
        Ok(())
    }

    pub(super) fn context(&self) -> &Context {
        &self.0.context
    }
}

impl hyper::service::Service<Request<Incoming>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let app = self.clone();
        Box::pin(async move {
            let routes = app.0.started.get().unwrap_or(&app.0.starting).clone();
            Ok(observe(&app.0.context, routes, request.map(Body::new)).await)
        })
    }
}

/// The answer to a fault of our own: what Starlette answers.
pub(crate) fn fault() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response()
}
