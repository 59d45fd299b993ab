//! The `probe` verb and the other arguments.

use std::net::Ipv4Addr;

use service_testing::dns::NameServer;
use service_testing::process::run;
use service_testing::upstream::{self, Upstream};

const BINARY: &str = "backend-app";

#[tokio::test]
async fn names_are_resolved() {
    let names = NameServer::start().await;
    names.set("api.backend.internal", Ipv4Addr::new(10, 1, 2, 3), 60);
    let server = names.address.to_string();
    let variables = [("DNS_SERVER", server.as_str())];
    let ran = run(BINARY, &["probe", "resolve", "api.backend.internal"], &variables).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), "10.1.2.3\n"), "{ran:?}");
    let ran = run(BINARY, &["probe", "resolve", "nowhere.internal"], &variables).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(1), ""));
    assert_eq!(ran.errors, "probe: the name nowhere.internal does not exist\n");
    let ran = run(BINARY, &["probe", "resolve", "192.0.2.1"], &variables).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), "192.0.2.1\n"));
}

#[tokio::test]
async fn urls_are_asked() {
    let peer = Upstream::start(|request| match request.line.as_str() {
        "GET /health?deep=1 HTTP/1.1" => upstream::json("{\"status\": \"healthy\"}"),
        _ => upstream::response("404 Not Found", &[], "no"),
    })
    .await;
    let names = NameServer::start().await;
    names.set("api.backend.internal", Ipv4Addr::LOCALHOST, 60);
    let server = names.address.to_string();
    let variables = [("DNS_SERVER", server.as_str())];
    let url = format!("http://api.backend.internal:{}/health?deep=1", peer.address.port());
    let ran = run(BINARY, &["probe", "get", &url], &variables).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(0), "{\"status\": \"healthy\"}"), "{ran:?}");
    assert!(ran.errors.starts_with("HTTP 200 OK in "), "{ran:?}");
    let host = peer.received()[0].header("host").map(str::to_owned);
    assert_eq!(host, Some(format!("api.backend.internal:{}", peer.address.port())));
    let ran = run(BINARY, &["probe", "get", &peer.url()], &[]).await;
    assert_eq!((ran.code, ran.output.as_str()), (Some(1), "no"));
    let ran = run(BINARY, &["probe", "get", "http://127.0.0.1:1/"], &[]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (Some(1), "probe: connection refused\n"));
    let ran = run(BINARY, &["probe", "get", "https://127.0.0.1/"], &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.errors.contains("does not start with http://"), "{ran:?}");
}

#[tokio::test]
async fn version_help_and_wrong_arguments() {
    let ran = run(BINARY, &["--version"], &[]).await;
    let version = format!("backend-app {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((ran.code, ran.output), (Some(0), version));
    let ran = run(BINARY, &["--help"], &[]).await;
    assert!(ran.code == Some(0) && ran.output.contains("probe resolve NAME"));
    for wrong in [&["probe"][..], &["probe", "resolve"], &["serve"], &["--listen=1"]] {
        let ran = run(BINARY, wrong, &[]).await;
        assert_eq!((ran.code, ran.output.as_str()), (Some(64), ""), "{wrong:?}");
        assert!(ran.errors.contains("Usage:"));
    }
}
