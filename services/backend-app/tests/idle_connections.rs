//! Ten thousand connections at once; client and server are two processes.

use std::time::{Duration, Instant};

use service_testing::http::{Connection, get, request};
use service_testing::process::ServiceProcess;

const CONNECTIONS: usize = 10_000;

/// The value of a metric without labels.
fn metric(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find(|line| line.starts_with(&format!("{name} ")));
    let value = line.and_then(|line| line.rsplit(' ').next()).expect("the metric is there");
    value.parse().expect("a number")
}

#[tokio::test]
async fn ten_thousand_idle_connections() {
    service_testing::process::raise_open_files(CONNECTIONS as u64 + 500);
    let service = ServiceProcess::start("backend-app", &[("IDLE_TIMEOUT_SECONDS", "600")]).await;
    let status = request("GET", "/api/status", &[], b"");
    let mut connections = Vec::with_capacity(CONNECTIONS);
    let began = Instant::now();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open(service.address).await;
        // Each is in use once, then kept.
        assert_eq!(connection.exchange(&status).await.status, 200);
        connections.push(connection);
    }
    let opened = began.elapsed();
    let metrics = get(service.address, "/metrics").await.text();
    assert!(metric(&metrics, "http_connections") >= CONNECTIONS as f64, "{metrics}");
    let memory = metric(&metrics, "process_resident_memory_bytes") / 1e6;
    eprintln!("{CONNECTIONS} connections in {opened:?}, {memory:.0} MB");
    assert!(memory < 400.0, "{memory} MB");
    let began = Instant::now();
    assert_eq!(get(service.address, "/health").await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // All are still good for a request.
    for connection in &mut connections {
        assert_eq!(connection.exchange(&status).await.status, 200);
    }
    drop(connections);
    while metric(&get(service.address, "/metrics").await.text(), "http_connections") > 10.0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
