//! frontend-app against real peers: schema validator, property tester, FastAPI.

mod support;

use service_testing::peers;
use service_testing::twin::{self, Twin, compare};
use support::{OWN, Platform};

/// Operations that every service has, but for `/openapi.json`.
const COMMON: usize = 4;

#[tokio::test]
async fn the_document_is_valid() {
    if peers::wanted() {
        peers::document_is_valid(Platform::start().await.address()).await;
    }
}

#[tokio::test]
async fn the_property_tester_finds_nothing() {
    if peers::wanted() {
        let platform = Platform::start().await;
        peers::schemathesis_finds_nothing(platform.address(), OWN.len() + COMMON).await;
    }
}

#[tokio::test]
async fn answers_are_those_of_fastapi() {
    if !peers::wanted() {
        return;
    }
    // Both in front of the same backends.
    let mut platform = Platform::start().await;
    let url = |running: &Option<service_runtime::Running>| {
        format!("http://{}", running.as_ref().expect("running").address())
    };
    let (app, service) = (url(&platform.backend_app), url(&platform.backend_service));
    let variables = [("BACKEND_URL", app.as_str()), ("BACKEND_SERVICE_URL", service.as_str())];
    let twin = Twin::start("frontend_app", &variables).await;
    let mut operations = OWN.to_vec();
    operations.extend([("GET", "/health"), ("GET", "/ready"), ("GET", "/docs"), ("GET", "/openapi.json")]);
    let mut cases = twin::routing_cases(&operations);
    for path in ["/api/backend/process", "/api/backend-service/process"] {
        cases.extend(twin::body_cases(path));
    }
    compare(platform.address(), twin.address, &cases).await;

    // With a backend gone both say so, in words of their own.
    platform.backend_app.take().expect("running").stop().await;
    for address in [platform.address(), twin.address] {
        let reply = service_testing::http::get(address, "/api/backend/status").await;
        let detail = reply.json()["detail"].as_str().expect("text").to_owned();
        assert!(reply.status == 503 && detail.starts_with("Backend service unavailable: "), "{detail}");
    }
}
