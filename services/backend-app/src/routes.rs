//! The routes of backend-app.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use service_runtime::Context;
use service_runtime::contract::{DataBody, Item, ProcessBody, ProcessRequest, StatusBody};
use service_runtime::fastapi::{HttpErrorBody, HttpValidationErrorBody, JsonBody};
use utoipa::OpenApi;

/// The document of these routes.
#[derive(OpenApi)]
#[openapi(
    info(description = "States its status, lists its items, works on texts."),
    paths(status, data, process)
)]
pub(crate) struct Document;

pub(crate) fn routes(context: Context) -> Router {
    Router::new()
        .route("/api/status", get(status))
        .route("/api/data", get(data))
        .route("/api/process", post(process))
        .with_state(context)
}

const ITEMS: [Item; 3] = [
    Item { id: 1, name: "Ledger", description: "What was sold, by day" },
    Item { id: 2, name: "Catalogue", description: "What can be bought" },
    Item { id: 3, name: "Directory", description: "Who is who" },
];

/// Show the service's status
#[utoipa::path(
    get,
    path = "/api/status",
    tag = "backend",
    responses((status = 200, description = "Running", body = StatusBody))
)]
async fn status(State(context): State<Context>) -> Json<StatusBody> {
    Json(StatusBody::now(&context))
}

/// List the items
#[utoipa::path(
    get,
    path = "/api/data",
    tag = "backend",
    responses((status = 200, description = "All items", body = DataBody))
)]
async fn data(State(context): State<Context>) -> Json<DataBody> {
    Json(DataBody::of(&ITEMS, &context))
}

/// Work on a text
#[utoipa::path(
    post,
    path = "/api/process",
    tag = "backend",
    request_body = ProcessRequest,
    responses(
        (status = 200, description = "The result", body = ProcessBody),
        (status = 400, description = "The body is not text", body = HttpErrorBody),
        (status = 408, description = "The body came too slowly", body = HttpErrorBody),
        (status = 413, description = "The body is too large", body = HttpErrorBody),
        (status = 422, description = "The body is not valid", body = HttpValidationErrorBody),
    )
)]
async fn process(JsonBody(request): JsonBody<ProcessRequest>) -> Json<ProcessBody> {
    Json(request.process())
}
