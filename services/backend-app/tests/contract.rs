//! Every route and every error of backend-app, through its socket.

use serde_json::json;
use service_testing::http::get;
use service_testing::process::ServiceProcess;
use service_testing::surface;

const OWN: [(&str, &str); 3] = [("GET", "/api/data"), ("POST", "/api/process"), ("GET", "/api/status")];

async fn start() -> ServiceProcess {
    let place = [("POD_NAME", "pod-1"), ("NODE_NAME", "node-1")];
    ServiceProcess::start("backend-app", &place).await
}

#[tokio::test]
async fn routes_that_all_services_have() {
    let service = start().await;
    surface::common_routes(service.address, "backend-app").await;
}

#[tokio::test]
async fn the_document_is_the_contract() {
    let service = start().await;
    let identity = ("backend-app", env!("CARGO_PKG_VERSION"));
    surface::document(service.address, identity, &OWN, |_| false).await;
}

#[tokio::test]
async fn requests_that_match_nothing() {
    let service = start().await;
    surface::unmatched(service.address, &OWN).await;
}

#[tokio::test]
async fn status_and_data() {
    let service = start().await;
    let mut status = get(service.address, "/api/status").await.json();
    surface::is_timestamp(&status["timestamp"].take());
    assert_eq!(
        status,
        json!({
            "service": "backend-app",
            "status": "running",
            "version": env!("CARGO_PKG_VERSION"),
            "timestamp": null,
            "pod": "pod-1",
            "node": "node-1",
        })
    );
    let data = get(service.address, "/api/data").await.json();
    assert_eq!(data["service"], "backend-app");
    let items = data["items"].as_array().expect("items");
    assert_eq!(data["count"], items.len());
    assert!(!items.is_empty() && items.iter().all(|item| item["name"].is_string()));
    surface::is_timestamp(&data["timestamp"]);
}

#[tokio::test]
async fn texts_are_worked_on_and_errors_are_those_of_fastapi() {
    let service = start().await;
    surface::process_route(service.address, "/api/process").await;
}

#[tokio::test]
async fn malformed_requests() {
    let service = start().await;
    surface::malformed(service.address).await;
}
