//! The gateway against backends that behave badly.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::json;
use service_testing::dns::NameServer;
use service_testing::http::{Connection, get, post_json, request, send};
use service_testing::process::ServiceProcess;
use service_testing::upstream::{Gate, Step, Upstream, json as answer_json, response};
use support::frontend;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const TEXT: &str = r#"{"data": "a", "operation": "uppercase", "unknown": 1}"#;

fn unavailable(why: &str) -> serde_json::Value {
    json!({"detail": format!("Backend service unavailable: {why}")})
}

#[tokio::test]
async fn each_path_goes_to_its_own() {
    let app = Upstream::start(|_| answer_json("{\"from\": \"app\"}")).await;
    let service = Upstream::start(|_| answer_json("{\"from\": \"service\"}")).await;
    let urls = [("BACKEND_URL", format!("{}/base/", app.url())), ("BACKEND_SERVICE_URL", service.url())];
    let variables = urls.each_ref().map(|(name, url)| (*name, url.as_str()));
    let frontend = ServiceProcess::start("frontend-app", &variables).await;
    for (path, from) in [
        ("/api/backend/status", "app"),
        ("/api/backend/data?ignored=1", "app"),
        ("/api/backend-service/health", "service"),
        ("/api/backend-service/data", "service"),
        ("/api/backend-service/info", "service"),
    ] {
        assert_eq!(get(frontend.address, path).await.json(), json!({"from": from}), "{path}");
    }
    for (path, from) in [("/api/backend/process", "app"), ("/api/backend-service/process", "service")] {
        assert_eq!(post_json(frontend.address, path, TEXT).await.json(), json!({"from": from}));
    }
    let lines = |upstream: &Upstream| -> Vec<String> {
        upstream.received().into_iter().map(|request| request.line).collect()
    };
    assert_eq!(
        lines(&app),
        ["GET /base/api/status HTTP/1.1", "GET /base/api/data HTTP/1.1", "POST /base/api/process HTTP/1.1",]
    );
    assert_eq!(
        lines(&service),
        [
            "GET /health HTTP/1.1",
            "GET /api/backend/data HTTP/1.1",
            "GET /api/info HTTP/1.1",
            "POST /api/backend/process HTTP/1.1",
        ]
    );
    let post = app.received().pop().expect("received");
    assert_eq!(post.body, br#"{"data":"a","operation":"uppercase"}"#);
    assert_eq!(post.header("content-type"), Some("application/json"));
    assert_eq!(post.header("host"), Some(app.address.to_string().as_str()));
}

#[tokio::test]
async fn an_upstreams_own_errors_keep_status_and_body() {
    for status in [
        "400 Bad Request",
        "404 Not Found",
        "422 Unprocessable Entity",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
    ] {
        let upstream =
            Upstream::start(move |_| response(status, &[("content-type", "text/plain")], "its own words"))
                .await;
        let frontend = frontend(&upstream.url(), &[]).await;
        for reply in [
            get(frontend.address, "/api/backend/status").await,
            post_json(frontend.address, "/api/backend-service/process", TEXT).await,
        ] {
            assert_eq!(reply.status.to_string(), status[..3]);
            assert_eq!(
                (reply.text().as_str(), reply.header("content-type")),
                ("its own words", Some("text/plain"))
            );
        }
        assert_eq!(upstream.received().len(), 2, "nothing is sent twice");
    }
}

#[tokio::test]
async fn upstreams_that_cannot_be_reached() {
    let names = NameServer::start().await;
    let server = names.address.to_string();
    for (url, why) in [
        ("http://127.0.0.1:1", "connection refused"),
        ("http://nowhere.internal", "the name nowhere.internal does not exist"),
    ] {
        let frontend = frontend(url, &[("DNS_SERVER", &server)]).await;
        for reply in [
            get(frontend.address, "/api/backend/status").await,
            post_json(frontend.address, "/api/backend-service/process", TEXT).await,
        ] {
            assert_eq!((reply.status, reply.json()), (503, unavailable(why)));
            assert_eq!(reply.header("retry-after"), None);
        }
        assert_eq!(get(frontend.address, "/ready").await.status, 200);
        let metrics = get(frontend.address, "/metrics").await.text();
        assert!(metrics.contains("upstream_failures_total{upstream=\"backend-app\","), "{metrics}");
    }
}

/// A socket whose queue of connections is full: further ones are not answered.
async fn full_listener() -> (tokio::net::TcpListener, SocketAddr, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let listener = socket.listen(1).expect("it listens");
    let address = listener.local_addr().expect("bound");
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    (listener, address, waiting)
}

#[tokio::test]
async fn a_connection_has_to_come_about_in_time() {
    let (_listener, address, _waiting) = full_listener().await;
    let url = format!("http://{address}");
    let quick = frontend(&url, &[("UPSTREAM_CONNECT_TIMEOUT_SECONDS", "0.2")]).await;
    let reply = get(quick.address, "/api/backend/status").await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("no connection within 0.2 s")));
    let default = frontend(&url, &[]).await;
    let began = Instant::now();
    let reply = get(default.address, "/api/backend/status").await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("no connection within 2 s")));
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1990) && took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn ten_seconds_in_all() {
    let upstream = Upstream::start(|_| vec![Step::Wait(Duration::from_secs(60))]).await;
    let frontend = frontend(&upstream.url(), &[]).await;
    let began = Instant::now();
    let reply = get(frontend.address, "/api/backend/status").await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("no response within 10 s")));
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(9990) && took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn slow_upstreams_are_waited_for_only_so_long() {
    let upstream = Upstream::start(|request| {
        if request.line.contains("/api/status") {
            return vec![Step::Wait(Duration::from_secs(60))];
        }
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n";
        vec![Step::Send(head.to_vec()), Step::Wait(Duration::from_secs(60))]
    })
    .await;
    let frontend = frontend(&upstream.url(), &[("UPSTREAM_TIMEOUT_SECONDS", "0.4")]).await;
    let reply = get(frontend.address, "/api/backend/status").await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("no response within 0.4 s")));
    // A response that stalls in its body is cut off: its status is out already.
    let mut connection = Connection::open(frontend.address).await;
    connection.send(&request("GET", "/api/backend/data", &[], b"")).await;
    assert!(connection.reply().await.is_none(), "the response is not made to look whole");
    // What it held is free again.
    while !get(frontend.address, "/metrics")
        .await
        .text()
        .contains("upstream_requests_in_flight{upstream=\"backend-app\"} 0")
    {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn bodies_are_streamed() {
    let gate = Gate::closed();
    let held = gate.clone();
    let upstream = Upstream::start(move |_| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        let rest = b"4\r\nlast\r\n0\r\n\r\n";
        vec![Step::Send(head.to_vec()), Step::Await(held.clone()), Step::Send(rest.to_vec())]
    })
    .await;
    let frontend = frontend(&upstream.url(), &[]).await;
    let mut connection = Connection::open(frontend.address).await;
    connection.send(&request("GET", "/api/backend/data", &[], b"")).await;
    // The first part comes while the upstream still holds the last one back.
    let mut first = String::new();
    while !first.contains("first") {
        first = String::from_utf8_lossy(&connection.first_bytes().await).into_owned();
    }
    gate.open();
    let reply = connection.reply().await.expect("the rest comes");
    assert_eq!(reply.text(), "firstlast");
}

#[tokio::test]
async fn headers_of_a_connection_stay_on_it_and_others_pass() {
    let upstream = Upstream::start(|_| {
        let headers = [
            ("connection", "keep-alive, x-hop"),
            ("keep-alive", "timeout=5"),
            ("x-hop", "1"),
            ("x-passed", "back"),
            ("content-type", "application/json"),
        ];
        response("200 OK", &headers, "{}")
    })
    .await;
    let frontend = frontend(&upstream.url(), &[]).await;
    let headers = [
        ("connection", "keep-alive, X-Mine"),
        ("x-mine", "1"),
        ("te", "trailers"),
        ("proxy-authorization", "secret"),
        ("accept-language", "de"),
    ];
    let reply = send(frontend.address, "GET", "/api/backend/data", &headers, b"").await;
    assert_eq!(reply.header("x-passed"), Some("back"));
    for name in ["x-hop", "keep-alive"] {
        assert_eq!(reply.header(name), None, "{name}");
    }
    let received = &upstream.received()[0];
    assert_eq!(received.header("accept-language"), Some("de"));
    for name in ["x-mine", "te", "proxy-authorization"] {
        assert_eq!(received.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn request_id_and_trace_are_passed_on() {
    let upstream = Upstream::start(|_| answer_json("{}")).await;
    let frontend = frontend(&upstream.url(), &[]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let headers = [("x-request-id", "req-7"), ("traceparent", parent.as_str()), ("tracestate", "vendor=1")];
    let reply = send(frontend.address, "GET", "/api/backend/data", &headers, b"").await;
    assert_eq!(reply.header("x-request-id"), Some("req-7"));
    let broken = [("x-request-id", "a b"), ("traceparent", "00-nonsense"), ("tracestate", "vendor=1")];
    let reply = send(frontend.address, "GET", "/api/backend/data", &broken, b"").await;
    let received = upstream.received();
    assert_eq!(received[0].header("x-request-id"), Some("req-7"));
    assert_eq!(received[0].header("tracestate"), Some("vendor=1"));
    let passed = received[0].header("traceparent").expect("passed on").to_owned();
    assert!(passed.starts_with(&format!("00-{trace}-")) && passed.ends_with("-01"), "{passed}");
    assert!(!passed.contains("00f067aa0ba902b7"), "a span of its own: {passed}");
    assert_eq!(received[1].header("tracestate"), None);
    assert_eq!(received[1].header("x-request-id"), reply.header("x-request-id"));
    let fresh = received[1].header("traceparent").expect("a new trace");
    assert!(fresh.len() == 55 && !fresh.contains(trace), "{fresh}");
    // The access log and the backend speak of the same trace.
    let line = frontend.logged("request").await;
    assert_eq!((line["trace_id"].as_str(), line["request_id"].as_str()), (Some(trace), Some("req-7")));
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let upstream = Upstream::start(|_| answer_json("{}")).await;
    let frontend = frontend(&upstream.url(), &[]).await;
    for _ in 0..10 {
        assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
        assert_eq!(post_json(frontend.address, "/api/backend/process", TEXT).await.status, 200);
    }
    let turns: Vec<usize> = upstream.received().iter().map(|request| request.turn).collect();
    assert_eq!(turns, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_post_is_never_sent_twice_and_a_get_may_be() {
    // A kept connection that is closed as the next request comes.
    let upstream = Upstream::start(|request| match request.turn {
        1 => answer_json("{}"),
        _ => vec![Step::Close],
    })
    .await;
    let frontend = frontend(&upstream.url(), &[]).await;
    assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
    let reply = post_json(frontend.address, "/api/backend/process", TEXT).await;
    let why = "the connection was closed before a response came";
    assert_eq!((reply.status, reply.json()), (503, unavailable(why)));
    let posts = upstream.received().iter().filter(|request| request.line.starts_with("POST")).count();
    assert_eq!(posts, 1);
    // The same for GET: a new connection answers.
    assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
    assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
    let gets = upstream.received().iter().filter(|request| request.line.starts_with("GET")).count();
    assert_eq!(gets, 4, "one of three was sent again");
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_costs_no_post() {
    let upstream = Upstream::start(|_| {
        let mut steps = answer_json("{}");
        steps.push(Step::HangUp);
        steps
    })
    .await;
    let frontend = frontend(&upstream.url(), &[]).await;
    for turn in 1..=5 {
        assert_eq!(post_json(frontend.address, "/api/backend/process", TEXT).await.status, 200);
        // Without any request of ours, the frontend notices and closes its side too.
        while upstream.hung_up() < turn {
            sleep(Duration::from_millis(5)).await;
        }
    }
    assert_eq!(upstream.received().len(), 5);
}

#[tokio::test]
async fn what_is_no_http_is_told() {
    let upstream =
        Upstream::start(|_| vec![Step::Send(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), Step::Close]).await;
    let frontend = frontend(&upstream.url(), &[]).await;
    let reply = get(frontend.address, "/api/backend/data").await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("the response is not valid HTTP")));
}

#[tokio::test]
async fn more_than_allowed_at_once_is_turned_away() {
    let gate = Gate::closed();
    let held_back = gate.clone();
    let slow = Upstream::start(move |_| {
        let mut steps = vec![Step::Await(held_back.clone())];
        steps.extend(answer_json("{}"));
        steps
    })
    .await;
    let other = Upstream::start(|_| answer_json("{}")).await;
    let (slow_url, other_url) = (slow.url(), other.url());
    let variables = [
        ("BACKEND_URL", slow_url.as_str()),
        ("BACKEND_SERVICE_URL", other_url.as_str()),
        ("UPSTREAM_MAX_IN_FLIGHT", "3"),
        ("UPSTREAM_TIMEOUT_SECONDS", "120"),
    ];
    let frontend = ServiceProcess::start("frontend-app", &variables).await;
    let address = frontend.address;
    let mut held = JoinSet::new();
    for _ in 0..3 {
        held.spawn(async move { get(address, "/api/backend/data").await.status });
    }
    while slow.received().len() < 3 {
        sleep(Duration::from_millis(10)).await;
    }
    // It is not waited for: the three before are still held back.
    let reply = post_json(address, "/api/backend/process", TEXT).await;
    assert_eq!((reply.status, reply.json()), (503, unavailable("too many requests are in flight")));
    assert_eq!(reply.header("retry-after"), Some("1"));
    // The other backend is not affected.
    assert_eq!(get(address, "/api/backend-service/health").await.status, 200);
    gate.open();
    while let Some(status) = held.join_next().await {
        assert_eq!(status.expect("no panic"), 200);
    }
    assert_eq!(get(address, "/api/backend/data").await.status, 200);
}

#[tokio::test]
async fn a_caller_that_goes_away_frees_its_place() {
    let upstream = Upstream::start(|_| vec![Step::Wait(Duration::from_secs(60))]).await;
    let frontend = frontend(&upstream.url(), &[("UPSTREAM_MAX_IN_FLIGHT", "1")]).await;
    let mut caller = Connection::open(frontend.address).await;
    caller.send(&request("GET", "/api/backend/data", &[], b"")).await;
    while upstream.received().is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(get(frontend.address, "/api/backend/data").await.status, 503);
    drop(caller);
    while !get(frontend.address, "/metrics")
        .await
        .text()
        .contains("upstream_requests_in_flight{upstream=\"backend-app\"} 0")
    {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Two peers at the same port of two addresses.
#[cfg(target_os = "linux")]
async fn pair() -> (Upstream, Upstream) {
    let first = Upstream::start(|_| answer_json("{\"from\": 1}")).await;
    let second = SocketAddr::from(([127, 0, 0, 2], first.address.port()));
    (first, Upstream::at(second, |_| answer_json("{\"from\": 2}")).await)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_follow_a_name_that_moves() {
    let (first, _second) = pair().await;
    let names = NameServer::start().await;
    names.set("api.backend.internal", Ipv4Addr::LOCALHOST, 1);
    let url = format!("http://api.backend.internal:{}", first.address.port());
    let frontend = frontend(&url, &[("DNS_SERVER", &names.address.to_string())]).await;
    let from = async || get(frontend.address, "/api/backend/data").await.json()["from"].clone();
    assert_eq!(from().await, 1);
    names.set("api.backend.internal", Ipv4Addr::new(127, 0, 0, 2), 1);
    // Under constant traffic, and although the old address still answers.
    let began = Instant::now();
    while from().await != 2 {
        assert!(began.elapsed() < Duration::from_secs(15), "the name is not asked again");
        sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..10 {
        assert_eq!(from().await, 2, "an old connection was used");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_is_asked_at_once_when_its_address_does_not_answer() {
    let (first, _second) = pair().await;
    let names = NameServer::start().await;
    // An answer that holds for an hour.
    names.set("api.backend.internal", Ipv4Addr::LOCALHOST, 3600);
    let url = format!("http://api.backend.internal:{}", first.address.port());
    let frontend = frontend(&url, &[("DNS_SERVER", &names.address.to_string())]).await;
    assert_eq!(get(frontend.address, "/api/backend/data").await.json()["from"], 1);
    names.set("api.backend.internal", Ipv4Addr::new(127, 0, 0, 2), 3600);
    drop(first);
    // The kept connection has to be seen closed; then the very next call goes to the new address.
    sleep(Duration::from_millis(200)).await;
    let reply = get(frontend.address, "/api/backend/data").await;
    assert_eq!((reply.status, reply.json()["from"].clone()), (200, json!(2)));
}

#[tokio::test]
async fn name_servers_in_trouble_do_not_cut_off_a_known_upstream() {
    let upstream = Upstream::start(|_| answer_json("{}")).await;
    let names = NameServer::start().await;
    names.set("api.backend.internal", Ipv4Addr::LOCALHOST, 0);
    let url = format!("http://api.backend.internal:{}", upstream.address.port());
    let frontend = frontend(&url, &[("DNS_SERVER", &names.address.to_string())]).await;
    assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
    drop(names);
    for _ in 0..4 {
        sleep(Duration::from_millis(700)).await;
        assert_eq!(get(frontend.address, "/api/backend/data").await.status, 200);
    }
    frontend.logged("old addresses are used").await;
}

#[tokio::test]
async fn nothing_that_passes_through_is_logged() {
    let upstream = Upstream::start(|request| match request.line.starts_with("POST") {
        true => vec![Step::Close],
        false => response("500 Internal Server Error", &[("x-secret", "hunter2")], "hunter2-answer"),
    })
    .await;
    let frontend = frontend(&upstream.url(), &[("LOG_LEVEL", "trace")]).await;
    let headers = [
        ("authorization", "Bearer hunter2"),
        ("cookie", "hunter2=1"),
        ("tracestate", "hunter2=1"),
        ("content-type", "application/json"),
    ];
    let body = br#"{"data": "hunter2", "operation": "reverse"}"#;
    let (post, get) = ("/api/backend/process?hunter2", "/api/backend-service/data?hunter2");
    assert_eq!(send(frontend.address, "POST", post, &headers, body).await.status, 503);
    assert_eq!(send(frontend.address, "GET", get, &headers, b"").await.status, 500);
    let failure = frontend.logged("no response").await;
    assert_eq!(
        (failure["backend"].as_str(), failure["reason"].as_str()),
        (Some("backend-app"), Some("lost"))
    );
    frontend.terminate();
    frontend.logged("ended").await;
    assert!(!frontend.lines().concat().contains("hunter2"), "{:?}", frontend.lines());
}
