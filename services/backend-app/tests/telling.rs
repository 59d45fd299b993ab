//! What a service tells: logs, ids, spans; and what it does not.

use std::time::Duration;

use service_testing::http::{get, send};
use service_testing::process::ServiceProcess;
use service_testing::upstream::{self, Upstream};
use tokio::time::sleep;

const BINARY: &str = "backend-app";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn a_request_is_one_line_with_its_id_and_place() {
    let place = [("POD_NAME", "p"), ("NODE_NAME", "n"), ("POD_NAMESPACE", "s"), ("CLUSTER_NAME", "c")];
    let service = ServiceProcess::start(BINARY, &place).await;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let headers = [("x-request-id", "req-1"), ("traceparent", parent.as_str())];
    let reply = send(service.address, "GET", "/api/status", &headers, b"").await;
    assert_eq!(reply.header("x-request-id"), Some("req-1"));
    get(service.address, "/health").await;
    get(service.address, "/nowhere").await;
    let line = service.logged("request").await;
    for (field, expected) in [
        ("service", "backend-app"),
        ("pod", "p"),
        ("node", "n"),
        ("namespace", "s"),
        ("cluster", "c"),
        ("request_id", "req-1"),
        ("trace_id", TRACE),
        ("method", "GET"),
        ("route", "/api/status"),
        ("level", "info"),
    ] {
        assert_eq!(line[field], expected, "{field}");
    }
    assert_eq!(line["status"], 200);
    assert!(line["duration_ms"].as_f64().is_some_and(|time| time > 0.0));
    // The last request is in the log, then all before it are.
    while !service.lines().concat().contains("\"unmatched\"") {
        sleep(Duration::from_millis(10)).await;
    }
    let routes: Vec<_> = service
        .log()
        .into_iter()
        .filter(|line| line["message"] == "request")
        .map(|line| line["route"].clone())
        .collect();
    // Probes are not worth a line each.
    assert_eq!(routes, ["/api/status", "unmatched"]);
}

#[tokio::test]
async fn nothing_that_a_client_sends_is_logged() {
    let service = ServiceProcess::start(BINARY, &[("LOG_LEVEL", "trace")]).await;
    let headers = [
        ("authorization", "Bearer hunter2-header"),
        ("cookie", "session=hunter2-cookie"),
        ("x-request-id", "hunter2 id"),
        ("user-agent", "hunter2-agent"),
        ("content-type", "application/json"),
    ];
    let body = br#"{"data": "hunter2-body", "operation": "hunter2-operation"}"#;
    for (method, path) in [
        ("POST", "/api/process?token=hunter2-query"),
        ("GET", "/hunter2-path"),
        ("GET", "/api/status?hunter2-query"),
    ] {
        send(service.address, method, path, &headers, body).await;
    }
    let broken = b"{\"data\": \"hunter2\xff";
    send(service.address, "POST", "/api/process", &headers, broken).await;
    service.terminate();
    service.logged("ended").await;
    let lines = service.lines();
    assert!(lines.len() >= 7, "{lines:?}");
    assert!(!lines.concat().contains("hunter2"), "{lines:?}");
    assert!(
        !lines.concat().contains("127.0.0.1:")
            || lines.iter().all(|line| { !line.contains("127.0.0.1:") || line.contains("listening") }),
        "a client's address is logged: {lines:?}"
    );
}

#[tokio::test]
async fn the_access_log_can_be_switched_off() {
    let service = ServiceProcess::start(BINARY, &[("ACCESS_LOG", "off")]).await;
    get(service.address, "/api/status").await;
    service.terminate();
    service.logged("ended").await;
    assert!(service.log().iter().all(|line| line["message"] != "request"));
}

#[tokio::test]
async fn spans_of_sampled_traces_reach_the_collector() {
    let collector = Upstream::start(|_| upstream::json("{}")).await;
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer hunter2"),
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
        ("LOG_LEVEL", "trace"),
        ("POD_NAME", "pod-1"),
    ];
    let mut service = ServiceProcess::start(BINARY, &variables).await;
    let sampled = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let not_sampled = format!("00-{TRACE}-00f067aa0ba902b8-00");
    for parent in [&sampled, &not_sampled] {
        send(service.address, "GET", "/api/status", &[("traceparent", parent)], b"").await;
    }
    get(service.address, "/api/data").await;
    // The end sends what waits.
    service.terminate();
    assert!(service.ended().await.success());
    let received = collector.received();
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!(received[0].line, "POST /v1/traces HTTP/1.1");
    assert_eq!(received[0].header("authorization"), Some("Bearer hunter2"));
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    let export: serde_json::Value = serde_json::from_slice(&received[0].body).expect("JSON");
    let resource = export["resourceSpans"][0]["resource"]["attributes"].to_string();
    assert!(resource.contains("backend-app") && resource.contains("pod-1"), "{resource}");
    let spans = export["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans");
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!(spans[0]["traceId"], TRACE);
    assert_eq!(spans[0]["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(spans[0]["name"], "GET /api/status");
    assert_eq!(spans[0]["kind"], 2);
    let time = |field: &str| spans[0][field].as_str().expect("text").parse::<u128>().expect("ns");
    assert!(time("endTimeUnixNano") > time("startTimeUnixNano"));
    assert!(!service.lines().concat().contains("hunter2"));
}

#[tokio::test]
async fn a_collector_that_is_down_costs_spans_and_nothing_else() {
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")];
    let mut service = ServiceProcess::start(BINARY, &variables).await;
    for _ in 0..10 {
        assert_eq!(get(service.address, "/api/status").await.status, 200);
    }
    let dropped = || async {
        let metrics = get(service.address, "/metrics").await.text();
        metrics.contains("trace_spans_dropped_total") && !metrics.contains("trace_spans_dropped_total 0")
    };
    while !dropped().await {
        sleep(Duration::from_millis(50)).await;
    }
    service.terminate();
    assert!(service.ended().await.success());
}
