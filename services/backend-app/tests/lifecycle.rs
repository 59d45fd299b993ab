//! Start, drain and end of a service as a process.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use service_testing::http::{Connection, get, request};
use service_testing::process::{ServiceProcess, run};
use tokio::task::JoinSet;
use tokio::time::sleep;

const BINARY: &str = "backend-app";

/// What a load balancer and its clients see.
#[derive(Default)]
struct Observed {
    not_ready: AtomicBool,
    told_to_end: AtomicBool,
    served: AtomicUsize,
    served_after: AtomicUsize,
}

/// Requests, one after the other, until the load balancer takes the service out; a failed request
/// fails the test.
async fn load(address: std::net::SocketAddr, seen: Arc<Observed>) {
    let status = request("GET", "/api/status", &[], b"");
    let mut connection = Connection::open(address).await;
    while !seen.not_ready.load(Ordering::SeqCst) {
        let reply = connection.exchange(&status).await;
        assert_eq!(reply.status, 200);
        seen.served.fetch_add(1, Ordering::SeqCst);
        if seen.told_to_end.load(Ordering::SeqCst) {
            seen.served_after.fetch_add(1, Ordering::SeqCst);
        }
        if reply.header("connection") == Some("close") {
            connection = Connection::open(address).await;
        }
    }
}

/// A target's health check.
async fn watch(address: std::net::SocketAddr, seen: Arc<Observed>) {
    while get(address, "/ready").await.status == 200 {
        sleep(Duration::from_millis(100)).await;
    }
    seen.not_ready.store(true, Ordering::SeqCst);
}

#[tokio::test]
async fn no_request_fails_while_draining_under_load() {
    let mut service = ServiceProcess::start(BINARY, &[("SHUTDOWN_DELAY_SECONDS", "10")]).await;
    let seen = Arc::new(Observed::default());
    let mut clients = JoinSet::new();
    for _ in 0..16 {
        clients.spawn(load(service.address, Arc::clone(&seen)));
    }
    clients.spawn(watch(service.address, Arc::clone(&seen)));

    // A request that is under way all through the delay is finished.
    let body = br#"{"data": "half and half", "operation": "wordcount"}"#;
    let whole = request("POST", "/api/process", &[("content-type", "application/json")], body);
    let mut slow = Connection::open(service.address).await;
    slow.send(&whole[..whole.len() - 5]).await;

    while seen.served.load(Ordering::SeqCst) < 200 {
        sleep(Duration::from_millis(5)).await;
    }
    seen.told_to_end.store(true, Ordering::SeqCst);
    service.terminate();
    while let Some(client) = clients.join_next().await {
        client.expect("no request fails");
    }
    assert!(seen.served_after.load(Ordering::SeqCst) > 0, "the service goes on serving at first");

    // Not accepted any more: the delay is over.
    while Connection::try_open(service.address).await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
    slow.send(&whole[whole.len() - 5..]).await;
    let reply = slow.reply().await.expect("the slow request is answered");
    assert_eq!((reply.status, reply.json()["result"].as_u64()), (200, Some(3)));
    assert_eq!(service.ended().await.code(), Some(0));
    let messages: Vec<_> = service.log().into_iter().map(|line| line["message"].clone()).collect();
    assert!(messages.iter().any(|message| message == "ended"), "{messages:?}");
}

#[tokio::test]
async fn requests_that_never_end_are_cut_off_after_the_grace_time() {
    let mut service = ServiceProcess::start(BINARY, &[("SHUTDOWN_GRACE_SECONDS", "0.5")]).await;
    let mut stuck = Connection::open(service.address).await;
    stuck.send(b"POST /api/process HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\ncontent-type: application/json\r\n\r\n{").await;
    // The request has to be there before the end begins.
    while !get(service.address, "/metrics").await.text().contains("http_requests_in_flight 2") {
        sleep(Duration::from_millis(10)).await;
    }
    let began = Instant::now();
    service.terminate();
    assert_eq!(service.ended().await.code(), Some(0));
    let took = began.elapsed();
    assert!(took > Duration::from_millis(500) && took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let mut service = ServiceProcess::start(BINARY, &[]).await;
    let mut idle = Connection::open(service.address).await;
    assert_eq!(idle.exchange(&request("GET", "/health", &[], b"")).await.status, 200);
    let began = Instant::now();
    service.terminate();
    assert_eq!(service.ended().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(idle.closes_within(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let mut service = ServiceProcess::start(BINARY, &[("SHUTDOWN_DELAY_SECONDS", "3000")]).await;
    service.terminate();
    service.logged("draining").await;
    assert_eq!(get(service.address, "/ready").await.status, 503);
    assert_eq!(get(service.address, "/health").await.status, 200);
    service.terminate();
    assert_eq!(service.ended().await.code(), Some(0));
}

#[tokio::test]
async fn every_wrong_variable_is_named_at_once() {
    let wrong = [
        ("LISTEN_ADDR", "localhost"),
        ("MAX_BODY_BYTES", "many"),
        ("ACCESS_LOG", "perhaps"),
        ("SHUTDOWN_DELAY_SECONDS", "-1"),
        ("DNS_SERVER", "here"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector"),
    ];
    let ran = run(BINARY, &[], &wrong).await;
    assert_eq!(ran.code, Some(64), "{ran:?}");
    for line in ran.output.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        assert_eq!((line["level"].as_str(), line["service"].as_str()), (Some("error"), Some("backend-app")));
    }
    for (variable, _) in wrong {
        assert!(ran.output.contains(&format!("\"variable\":\"{variable}\"")), "{variable}: {ran:?}");
    }
    assert_eq!(ran.output.lines().count(), wrong.len(), "{ran:?}");
    assert!(!ran.output.contains("hunter2"), "{ran:?}");
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let ran = run(BINARY, &[], &[("LISTEN_ADDR", &address)]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.output.contains("in use") && ran.output.contains(&address), "{ran:?}");
}

#[tokio::test]
async fn slow_bodies_and_slow_heads_are_not_waited_for() {
    let limits = [("BODY_TIMEOUT_SECONDS", "0.3"), ("IDLE_TIMEOUT_SECONDS", "0.5")];
    let service = ServiceProcess::start(BINARY, &limits).await;
    let mut slow_body = Connection::open(service.address).await;
    slow_body.send(b"POST /api/process HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\ncontent-type: application/json\r\n\r\n{").await;
    let reply = slow_body.reply().await.expect("an answer");
    assert_eq!(reply.status, 408);
    assert!(reply.json()["detail"].is_string());
    let mut slow_head = Connection::open(service.address).await;
    slow_head.send(b"GET /health HT").await;
    assert!(slow_head.closes_within(Duration::from_secs(10)).await);
}
