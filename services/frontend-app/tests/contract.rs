//! Every route and every error of frontend-app in front of the real backends.

mod support;

use serde_json::json;
use service_testing::http::{get, post_json};
use service_testing::surface;
use support::{OWN, Platform};

#[tokio::test]
async fn routes_that_all_services_have() {
    let platform = Platform::start().await;
    surface::common_routes(platform.address(), "frontend-app").await;
}

#[tokio::test]
async fn the_document_is_the_contract() {
    let platform = Platform::start().await;
    let identity = ("frontend-app", env!("CARGO_PKG_VERSION"));
    let busy = |path: &str| path.starts_with("/api/");
    surface::document(platform.address(), identity, &OWN, busy).await;
}

#[tokio::test]
async fn requests_that_match_nothing() {
    let platform = Platform::start().await;
    surface::unmatched(platform.address(), &OWN).await;
}

#[tokio::test]
async fn every_forwarded_path_answers_as_its_backend() {
    let platform = Platform::start().await;
    let ask = async |path: &str| {
        let reply = get(platform.address(), path).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{path}");
        reply.json()
    };
    let status = ask("/api/backend/status").await;
    assert_eq!((&status["service"], &status["pod"]), (&json!("backend-app"), &json!("backend-app-pod")));
    assert_eq!(ask("/api/backend/data").await["service"], "backend-app");
    let health = ask("/api/backend-service/health").await;
    assert_eq!((&health["service"], &health["status"]), (&json!("backend-service"), &json!("healthy")));
    assert_eq!(ask("/api/backend-service/data").await["service"], "backend-service");
    let info = ask("/api/backend-service/info").await;
    assert_eq!((&info["service"], &info["pod"]), (&json!("backend-service"), &json!("backend-service-pod")));
}

#[tokio::test]
async fn texts_are_worked_on_and_errors_are_those_of_fastapi() {
    let platform = Platform::start().await;
    surface::process_route(platform.address(), "/api/backend/process").await;
    surface::process_route(platform.address(), "/api/backend-service/process").await;
}

#[tokio::test]
async fn malformed_requests() {
    let platform = Platform::start().await;
    surface::malformed(platform.address()).await;
}

#[tokio::test]
async fn a_backend_that_ends_is_told_and_the_other_goes_on() {
    let mut platform = Platform::start().await;
    let body = json!({"data": "a", "operation": "uppercase"}).to_string();
    assert_eq!(post_json(platform.address(), "/api/backend/process", &body).await.status, 200);
    platform.backend_app.take().expect("running").stop().await;
    for path in ["/api/backend/status", "/api/backend/data"] {
        let reply = get(platform.address(), path).await;
        assert_eq!(reply.status, 503);
        assert_eq!(reply.json(), json!({"detail": "Backend service unavailable: connection refused"}));
    }
    assert_eq!(post_json(platform.address(), "/api/backend/process", &body).await.status, 503);
    assert_eq!(get(platform.address(), "/api/backend-service/health").await.status, 200);
    // A wrong body is the caller's fault, whether the backend is there or not.
    assert_eq!(post_json(platform.address(), "/api/backend/process", "{}").await.status, 422);
    // The frontend itself may still be sent traffic.
    assert_eq!(get(platform.address(), "/ready").await.status, 200);
    assert_eq!(get(platform.address(), "/").await.status, 200);
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere() {
    let platform = Platform::start().await;
    for path in ["/", "/info", "/assets/page.css", "/assets/page.js"] {
        let reply = get(platform.address(), path).await;
        assert_eq!(reply.status, 200, "{path}");
        let text = reply.text();
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"), "{path}");
        assert!(!text.contains("{{"), "{path} has a placeholder left");
    }
    for path in ["/", "/info"] {
        let reply = get(platform.address(), path).await;
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let text = reply.text();
        assert!(text.contains("frontend-pod") && text.contains("node-1"), "{path}");
        assert!(text.contains("<html lang=\"en\">") && text.contains("name=\"viewport\""));
    }
    let info = get(platform.address(), "/info").await.text();
    for (_, path) in OWN {
        assert!(info.contains(&format!("{path}<")), "{path} is missing");
    }
}
