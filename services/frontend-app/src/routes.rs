//! Which path goes to which backend.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::HeaderMap;
use service_runtime::Context;
use service_runtime::client::UrlError;
use service_runtime::contract::{DataBody, HealthBody, InfoBody, ProcessBody, ProcessRequest, StatusBody};
use service_runtime::fastapi::{ApiError, HttpErrorBody, HttpValidationErrorBody, JsonBody};
use utoipa::OpenApi;

use crate::gateway::{Backend, Destination};
use crate::settings::Settings;

/// The document of the frontend's routes.
#[derive(OpenApi)]
#[openapi(
    info(description = "A page for people, and the gateway to both backends."),
    paths(
        crate::pages::home,
        crate::pages::info,
        backend_status,
        backend_data,
        backend_process,
        backend_service_health,
        backend_service_data,
        backend_service_info,
        backend_service_process,
    )
)]
pub(crate) struct Document;

/// Both backends, by what is asked of them.
#[derive(Clone)]
pub(crate) struct Backends {
    context: Context,
    to: Arc<Destinations>,
}

struct Destinations {
    status: Destination,
    data: Destination,
    process: Destination,
    service_health: Destination,
    service_data: Destination,
    service_info: Destination,
    service_process: Destination,
}

impl Backends {
    pub(crate) fn new(context: &Context, settings: &Settings) -> Result<Self, UrlError> {
        let limits = settings.limits;
        let app = Backend::new(context, "backend-app", &settings.backend, limits)?;
        let service = Backend::new(context, "backend-service", &settings.backend_service, limits)?;
        let to = Destinations {
            status: app.at("/api/status")?,
            data: app.at("/api/data")?,
            process: app.at("/api/process")?,
            service_health: service.at("/health")?,
            service_data: service.at("/api/backend/data")?,
            service_info: service.at("/api/info")?,
            service_process: service.at("/api/backend/process")?,
        };
        Ok(Self { context: context.clone(), to: Arc::new(to) })
    }
}

impl FromRef<Backends> for Context {
    fn from_ref(backends: &Backends) -> Self {
        backends.context.clone()
    }
}

pub(crate) fn routes(backends: Backends) -> Router {
    Router::new()
        .route("/api/backend/status", get(backend_status))
        .route("/api/backend/data", get(backend_data))
        .route("/api/backend/process", post(backend_process))
        .route("/api/backend-service/health", get(backend_service_health))
        .route("/api/backend-service/data", get(backend_service_data))
        .route("/api/backend-service/info", get(backend_service_info))
        .route("/api/backend-service/process", post(backend_service_process))
        .with_state(backends)
}

type Forwarded = Result<Response, ApiError>;

/// Show the status of backend-app
#[utoipa::path(
    get,
    path = "/api/backend/status",
    tag = "backend-app",
    responses(
        (status = 200, description = "The backend's answer", body = StatusBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_status(State(backends): State<Backends>, headers: HeaderMap) -> Forwarded {
    backends.to.status.get(headers).await
}

/// List the items of backend-app
#[utoipa::path(
    get,
    path = "/api/backend/data",
    tag = "backend-app",
    responses(
        (status = 200, description = "The backend's answer", body = DataBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_data(State(backends): State<Backends>, headers: HeaderMap) -> Forwarded {
    backends.to.data.get(headers).await
}

/// Work on a text in backend-app
#[utoipa::path(
    post,
    path = "/api/backend/process",
    tag = "backend-app",
    request_body = ProcessRequest,
    responses(
        (status = 200, description = "The backend's answer", body = ProcessBody),
        (status = 400, description = "The body is not text", body = HttpErrorBody),
        (status = 408, description = "The body came too slowly", body = HttpErrorBody),
        (status = 413, description = "The body is too large", body = HttpErrorBody),
        (status = 422, description = "The body is not valid", body = HttpValidationErrorBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_process(
    State(backends): State<Backends>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProcessRequest>,
) -> Forwarded {
    backends.to.process.post_json(headers, json(&request)).await
}

/// Tell whether backend-service is alive
#[utoipa::path(
    get,
    path = "/api/backend-service/health",
    tag = "backend-service",
    responses(
        (status = 200, description = "The backend's answer", body = HealthBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_service_health(State(backends): State<Backends>, headers: HeaderMap) -> Forwarded {
    backends.to.service_health.get(headers).await
}

/// List the items of backend-service
#[utoipa::path(
    get,
    path = "/api/backend-service/data",
    tag = "backend-service",
    responses(
        (status = 200, description = "The backend's answer", body = DataBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_service_data(State(backends): State<Backends>, headers: HeaderMap) -> Forwarded {
    backends.to.service_data.get(headers).await
}

/// Tell where backend-service runs and what it offers
#[utoipa::path(
    get,
    path = "/api/backend-service/info",
    tag = "backend-service",
    responses(
        (status = 200, description = "The backend's answer", body = InfoBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_service_info(State(backends): State<Backends>, headers: HeaderMap) -> Forwarded {
    backends.to.service_info.get(headers).await
}

/// Work on a text in backend-service
#[utoipa::path(
    post,
    path = "/api/backend-service/process",
    tag = "backend-service",
    request_body = ProcessRequest,
    responses(
        (status = 200, description = "The backend's answer", body = ProcessBody),
        (status = 400, description = "The body is not text", body = HttpErrorBody),
        (status = 408, description = "The body came too slowly", body = HttpErrorBody),
        (status = 413, description = "The body is too large", body = HttpErrorBody),
        (status = 422, description = "The body is not valid", body = HttpValidationErrorBody),
        (status = 503, description = "The backend does not answer", body = HttpErrorBody),
    )
)]
async fn backend_service_process(
    State(backends): State<Backends>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProcessRequest>,
) -> Forwarded {
    backends.to.service_process.post_json(headers, json(&request)).await
}

/// The request as the backend gets it: what was understood, nothing else.
fn json(request: &ProcessRequest) -> Vec<u8> {
    serde_json::to_vec(request).expect("two strings can be written as JSON")
}
