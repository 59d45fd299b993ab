//! backend-app against real peers: schema validator, property tester, FastAPI.

use service_testing::process::ServiceProcess;
use service_testing::twin::{self, Twin};
use service_testing::{peers, twin::compare};

const PROCESS: &str = "/api/process";

/// The operations that the twin has as well: all but `/metrics`.
const OPERATIONS: [(&str, &str); 7] = [
    ("GET", "/api/status"),
    ("GET", "/api/data"),
    ("POST", "/api/process"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
];

async fn start() -> ServiceProcess {
    ServiceProcess::start("backend-app", &[("POD_NAME", "p"), ("NODE_NAME", "n")]).await
}

#[tokio::test]
async fn the_document_is_valid() {
    if peers::wanted() {
        peers::document_is_valid(start().await.address).await;
    }
}

#[tokio::test]
async fn the_property_tester_finds_nothing() {
    if peers::wanted() {
        peers::schemathesis_finds_nothing(start().await.address, OPERATIONS.len()).await;
    }
}

#[tokio::test]
async fn answers_are_those_of_fastapi() {
    if !peers::wanted() {
        return;
    }
    let service = start().await;
    let twin = Twin::start("backend_app", &[("POD_NAME", "p"), ("NODE_NAME", "n")]).await;
    let mut cases = twin::routing_cases(&OPERATIONS);
    cases.extend(twin::body_cases(PROCESS));
    cases.extend(twin::mutated_bodies(PROCESS, 1500, 7));
    compare(service.address, twin.address, &cases).await;
}
