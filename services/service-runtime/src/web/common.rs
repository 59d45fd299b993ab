//! The routes that all services have.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use utoipa::OpenApi;

use crate::context::{Context, timestamp};
use crate::contract::HealthBody;
use crate::fastapi::{ApiError, HttpErrorBody};
use crate::health::Phase;

/// The part of every service's document that all share.
#[derive(OpenApi)]
#[openapi(paths(health, ready, metrics, docs, openapi), components(schemas(HttpErrorBody)))]
pub(crate) struct CommonDocument;

/// The routes that all services have, but for the documentation.
pub(crate) fn common_routes() -> Router<Context> {
    Router::new().route("/health", get(health)).route("/ready", get(ready)).route("/metrics", get(metrics))
}

/// Tell that the process is alive
#[utoipa::path(
    get,
    path = "/health",
    tag = "operations",
    responses((status = 200, description = "Alive", body = HealthBody))
)]
async fn health(State(context): State<Context>) -> Json<HealthBody> {
    Json(HealthBody::of("healthy", &context))
}

/// Tell whether the process may be sent traffic
#[utoipa::path(
    get,
    path = "/ready",
    tag = "operations",
    responses(
        (status = 200, description = "In service", body = HealthBody),
        (status = 503, description = "Starting or shutting down", body = HttpErrorBody),
    )
)]
async fn ready(State(context): State<Context>) -> Response {
    match context.health().phase() {
        Phase::Ready => Json(HealthBody::of("ready", &context)).into_response(),
        Phase::Starting => ApiError::unavailable("Service is starting").into_response(),
        Phase::Draining => ApiError::unavailable("Service is shutting down").into_response(),
    }
}

/// Show the metrics for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((
        status = 200,
        description = "Metrics in the OpenMetrics text format",
        body = String,
        content_type = "application/openmetrics-text",
    ))
)]
async fn metrics(State(context): State<Context>) -> Response {
    let mut text = String::new();
    // Writing to a String does not fail, and our own collectors do not either.
    if let Err(error) = prometheus_client::encoding::text::encode(&mut text, context.registry()) {
        tracing::error!(%error, "metrics cannot be written");
        return crate::server::fault();
    }
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, format)], text).into_response()
}

/// Show the interactive documentation
#[utoipa::path(
    get,
    path = "/docs",
    tag = "operations",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
#[allow(dead_code, reason = "documents a route of `documentation_routes`")]
fn docs() {}

/// Show the OpenAPI document
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operations",
    responses((status = 200, description = "This document", body = Object, content_type = "application/json"))
)]
#[allow(dead_code, reason = "documents a route of `documentation_routes`")]
fn openapi() {}

impl HealthBody {
    fn of(status: &'static str, context: &Context) -> Self {
        Self { status, service: context.identity().service, timestamp: timestamp() }
    }
}
