//! The routes of backend-service.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use service_runtime::Context;
use service_runtime::contract::{DataBody, InfoBody, Item, ProcessBody, ProcessRequest};
use service_runtime::fastapi::{HttpErrorBody, HttpValidationErrorBody, JsonBody};
use utoipa::OpenApi;

/// The document of these routes.
#[derive(OpenApi)]
#[openapi(
    info(description = "Lists its items, works on texts, tells where it runs."),
    paths(data, process, info)
)]
pub(crate) struct Document;

pub(crate) fn routes(context: Context) -> Router {
    Router::new()
        .route("/api/backend/data", get(data))
        .route("/api/backend/process", post(process))
        .route("/api/info", get(info))
        .with_state(context)
}

const ITEMS: [Item; 3] = [
    Item { id: 1, name: "Parcels", description: "What is on its way" },
    Item { id: 2, name: "Stock", description: "What is in the warehouse" },
    Item { id: 3, name: "Returns", description: "What came back" },
];

/// List the items
#[utoipa::path(
    get,
    path = "/api/backend/data",
    tag = "backend",
    responses((status = 200, description = "All items", body = DataBody))
)]
async fn data(State(context): State<Context>) -> Json<DataBody> {
    Json(DataBody::of(&ITEMS, &context))
}

/// Work on a text
#[utoipa::path(
    post,
    path = "/api/backend/process",
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

/// Tell where the service runs and what it offers
#[utoipa::path(
    get,
    path = "/api/info",
    tag = "backend",
    responses((status = 200, description = "Place and endpoints", body = InfoBody))
)]
async fn info(State(context): State<Context>) -> Json<InfoBody> {
    Json(InfoBody::now(&context))
}
