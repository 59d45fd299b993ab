//! A service from its first moment, in this process.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use service_runtime::config::Variables;
use service_runtime::{Context, Phase, Service, StartError, start};
use service_testing::http;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// What the starts of the test's services wait for.
static GATE: Semaphore = Semaphore::const_new(0);

#[derive(utoipa::OpenApi)]
struct Document;

/// Starts when it is let.
struct Slow;

impl Service for Slow {
    const NAME: &'static str = "slow";
    const VERSION: &'static str = "1.2.3";
    const PORT: u16 = 8000;
    type Settings = String;

    fn settings(variables: &mut Variables) -> String {
        variables.text("LISTEN_ADDR").unwrap_or_default().to_owned()
    }

    fn document() -> OpenApi {
        Document::openapi()
    }

    async fn routes(_: Context, _: String) -> Result<Router, Box<dyn Error + Send + Sync>> {
        GATE.acquire().await?.forget();
        Ok(Router::new()
            .route("/work", get(|| async { "done" }))
            .route("/panic", get(|| async { panic!("on purpose") as &'static str })))
    }
}

/// Does not start.
struct Broken;

impl Service for Broken {
    const NAME: &'static str = "broken";
    const VERSION: &'static str = "0";
    const PORT: u16 = 8000;
    type Settings = ();

    fn settings(_: &mut Variables) {}

    fn document() -> OpenApi {
        Document::openapi()
    }

    async fn routes(_: Context, (): ()) -> Result<Router, Box<dyn Error + Send + Sync>> {
        Err("no database".into())
    }
}

fn variables(address: &str) -> Variables {
    let pairs = [("LISTEN_ADDR", address), ("SHUTDOWN_DELAY_SECONDS", "0"), ("SHUTDOWN_GRACE_SECONDS", "1")];
    Variables::of(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

#[tokio::test]
async fn ready_only_between_start_and_drain() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let starting = tokio::spawn(start::<Slow>(variables(&address.to_string())));
    while http::Connection::try_open(address).await.is_err() {
        sleep(Duration::from_millis(5)).await;
    }
    // Alive from the first moment, not ready, and everything else has to wait.
    assert_eq!(http::get(address, "/health").await.status, 200);
    assert_eq!(http::get(address, "/metrics").await.status, 200);
    for path in ["/ready", "/work", "/nowhere"] {
        let reply = http::get(address, path).await;
        assert_eq!(reply.status, 503, "{path}");
        assert_eq!(reply.json(), serde_json::json!({"detail": "Service is starting"}), "{path}");
    }
    GATE.add_permits(1);
    let running = starting.await.expect("no panic").expect("it starts");
    assert_eq!(http::get(address, "/ready").await.status, 200);
    assert_eq!(http::get(address, "/work").await.text(), "done");

    // A fault of a handler is answered and counted, and costs no other request.
    let reply = http::get(address, "/panic").await;
    assert_eq!((reply.status, reply.text().as_str()), (500, "Internal Server Error"));
    assert!(http::get(address, "/metrics").await.text().contains("http_panics_total 1"));
    assert_eq!(http::get(address, "/work").await.status, 200);

    let context = running.context().clone();
    timeout(Duration::from_secs(20), running.stop()).await.expect("it ends");
    assert_eq!(context.health().phase(), Phase::Draining);
    assert!(http::Connection::try_open(address).await.is_err());
}

#[tokio::test]
async fn a_service_that_cannot_start_says_why() {
    match start::<Broken>(variables("127.0.0.1:0")).await {
        Err(StartError::Service(why)) => assert_eq!(why.to_string(), "no database"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
    match start::<Broken>(variables("nonsense")).await {
        Err(StartError::Configuration(findings)) => assert_eq!(findings.len(), 1),
        _ => panic!("wrong variables were accepted"),
    }
}
