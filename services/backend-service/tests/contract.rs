//! Every route and every error of backend-service, through its socket.

use service_testing::http::get;
use service_testing::process::ServiceProcess;
use service_testing::surface;

const OWN: [(&str, &str); 3] =
    [("GET", "/api/backend/data"), ("POST", "/api/backend/process"), ("GET", "/api/info")];

async fn start() -> ServiceProcess {
    let place =
        [("POD_NAME", "pod-1"), ("NODE_NAME", "node-1"), ("POD_NAMESPACE", "shop"), ("CLUSTER_NAME", "dev")];
    ServiceProcess::start("backend-service", &place).await
}

#[tokio::test]
async fn routes_that_all_services_have() {
    let service = start().await;
    surface::common_routes(service.address, "backend-service").await;
}

#[tokio::test]
async fn the_document_is_the_contract() {
    let service = start().await;
    let identity = ("backend-service", env!("CARGO_PKG_VERSION"));
    surface::document(service.address, identity, &OWN, |_| false).await;
}

#[tokio::test]
async fn requests_that_match_nothing() {
    let service = start().await;
    surface::unmatched(service.address, &OWN).await;
}

#[tokio::test]
async fn data_and_info() {
    let service = start().await;
    let data = get(service.address, "/api/backend/data").await.json();
    assert_eq!(data["service"], "backend-service");
    assert_eq!(data["count"], data["items"].as_array().expect("items").len());
    surface::is_timestamp(&data["timestamp"]);

    let info = get(service.address, "/api/info").await.json();
    for (field, expected) in [
        ("service", "backend-service"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("pod", "pod-1"),
        ("node", "node-1"),
        ("namespace", "shop"),
        ("cluster", "dev"),
    ] {
        assert_eq!(info[field], expected, "{field}");
    }
    let later = get(service.address, "/api/info").await.json();
    let uptime = |info: &serde_json::Value| info["uptime_seconds"].as_f64().expect("a number");
    assert!(uptime(&info) >= 0.0 && uptime(&later) >= uptime(&info));
    let endpoints = info["endpoints"].as_array().expect("endpoints");
    for (method, path) in OWN {
        let listed = |endpoint: &&serde_json::Value| endpoint["method"] == method && endpoint["path"] == path;
        assert!(endpoints.iter().any(|endpoint| listed(&endpoint)), "{method} {path}");
    }
}

#[tokio::test]
async fn texts_are_worked_on_and_errors_are_those_of_fastapi() {
    let service = start().await;
    surface::process_route(service.address, "/api/backend/process").await;
}

#[tokio::test]
async fn malformed_requests() {
    let service = start().await;
    surface::malformed(service.address).await;
}
