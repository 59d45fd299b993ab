//! What holds of every service, checked through its socket.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::http::{Connection, Reply, get, post_json, request, send};

/// The operations that every service has.
const COMMON: [(&str, &str); 5] =
    [("GET", "/docs"), ("GET", "/health"), ("GET", "/metrics"), ("GET", "/openapi.json"), ("GET", "/ready")];

/// Checks that a timestamp is one of now, in RFC 3339.
pub fn is_timestamp(value: &Value) {
    let text = value.as_str().expect("a timestamp is a string");
    assert!(text.len() == 27 && text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
}

/// `/health`, `/ready`, `/metrics`, `/docs`.
pub async fn common_routes(address: SocketAddr, service: &str) {
    for (path, status) in [("/health", "healthy"), ("/ready", "ready")] {
        let reply = get(address, path).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
        let body = reply.json();
        assert_eq!((&body["status"], &body["service"]), (&json!(status), &json!(service)));
        is_timestamp(&body["timestamp"]);
        assert_eq!(body.as_object().expect("an object").len(), 3);
    }
    let reply = get(address, "/metrics").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").is_some_and(|text| text.contains("openmetrics-text")));
    for needle in [
        "http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} ",
        "http_request_duration_seconds_bucket{le=\"0.001\",method=\"GET\",route=\"/ready\"} ",
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "http_requests_in_flight 1",
        "# EOF",
    ] {
        assert!(reply.text().contains(needle), "{needle} is missing in\n{}", reply.text());
    }
    offline_documentation(address).await;
}

/// The documentation and all that it loads come from the service itself.
async fn offline_documentation(address: SocketAddr) {
    let page = get(address, "/docs").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    let files: Vec<&str> = text.split("=\"./").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let reply = get(address, &format!("/{file}")).await;
        assert_eq!(reply.status, 200, "{file}");
        assert!(!reply.body.is_empty(), "{file}");
    }
    let (script, gzip) = ("/docs/swagger-ui-bundle.js", [("accept-encoding", "gzip")]);
    let (plain, packed) = (get(address, script).await, send(address, "GET", script, &gzip, b"").await);
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
    assert!(packed.body.len() * 2 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
    let start = get(address, "/docs/start.js").await.text();
    assert!(start.contains("\"/openapi.json\""), "{start}");
    assert_eq!(get(address, "/docs/nothing.js").await.json(), json!({"detail": "Not Found"}));
}

/// The document names exactly these operations and those that every service has, and describes the
/// answers 200, 422 (where there is a body) and 503 (where `busy`).
pub async fn document(
    address: SocketAddr,
    (service, version): (&str, &str),
    own: &[(&str, &str)],
    busy: fn(&str) -> bool,
) {
    let reply = get(address, "/openapi.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let document = reply.json();
    assert_eq!(document["info"]["title"], service);
    assert_eq!(document["info"]["version"], version);
    let paths = document["paths"].as_object().expect("paths");
    let found: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("an item").keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let expected: BTreeSet<(String, String)> =
        own.iter().chain(&COMMON).map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(found, expected);
    for (method, path) in own {
        let responses = &paths[*path][method.to_lowercase()]["responses"];
        let schema = |status: &str| {
            let content = responses[status]["content"].as_object();
            let media = content.and_then(|content| content.values().next());
            assert!(
                media.is_some_and(|media| media["schema"].is_object()),
                "{method} {path} has no schema for {status}"
            );
        };
        schema("200");
        if *method == "POST" {
            schema("422");
        }
        if busy(path) {
            schema("503");
        }
    }
    let schemas = &document["components"]["schemas"];
    let finding = &schemas["ValidationError"]["properties"];
    assert!(["loc", "msg", "type"].iter().all(|name| finding[name].is_object()), "{schemas}");
}

/// Unknown paths, unknown methods, slashes at the end.
pub async fn unmatched(address: SocketAddr, own: &[(&str, &str)]) {
    let nowhere = get(address, "/nowhere?x=1").await;
    assert_eq!((nowhere.status, nowhere.json()), (404, json!({"detail": "Not Found"})));
    for (method, path) in own.iter().chain(&COMMON) {
        let head = matches!(*path, "/docs" | "/openapi.json");
        let allowed = if head { "GET, HEAD" } else { *method };
        for other in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            if other == *method {
                continue;
            }
            let reply = send(address, other, path, &[], b"").await;
            assert_eq!(reply.status, 405, "{other} {path}");
            assert_eq!(reply.json(), json!({"detail": "Method Not Allowed"}), "{other} {path}");
            assert_eq!(reply.header("allow"), Some(allowed), "{other} {path}");
        }
        // A response to HEAD has no body to read.
        let mut connection = Connection::open(address).await;
        connection.send(&request("HEAD", path, &[("connection", "close")], b"")).await;
        let head_line = String::from_utf8_lossy(&connection.first_bytes().await).into_owned();
        let expected = if head { "HTTP/1.1 200" } else { "HTTP/1.1 405" };
        assert!(head_line.starts_with(expected), "HEAD {path}: {head_line}");
        if *path != "/" {
            let reply = get(address, &format!("{path}/?a=b")).await;
            let location = format!("{path}?a=b");
            assert_eq!((reply.status, reply.header("location")), (307, Some(location.as_str())));
        }
    }
    let elsewhere = get(address, "//evil.example/").await;
    assert_eq!(elsewhere.status, 404);
}

/// What a route that works on texts answers, right and wrong.
pub async fn process_route(address: SocketAddr, path: &str) {
    for (operation, data, result) in [
        ("uppercase", "test data", json!("TEST DATA")),
        ("lowercase", "Straße ÄÖ", json!("straße äö")),
        ("reverse", "añb😀", json!("😀bña")),
        ("length", "añb😀", json!(4)),
        ("wordcount", " one\ttwo\u{1c}three ", json!(3)),
        ("uppercase", "", json!("")),
    ] {
        let body = json!({"data": data, "operation": operation, "unknown": [1, {"a": null}]});
        let reply = post_json(address, path, body.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let mut body = reply.json();
        is_timestamp(&body["timestamp"]);
        body.as_object_mut().expect("an object").remove("timestamp");
        assert_eq!(body, json!({"original": data, "operation": operation, "result": result}));
    }
    for (body, kinds) in invalid_bodies() {
        let reply = post_json(address, path, &body).await;
        assert_eq!(reply.status, 422, "{}: {}", String::from_utf8_lossy(&body), reply.text());
        assert_eq!(found(&reply), kinds, "{}", String::from_utf8_lossy(&body));
    }
    for content_type in [&[("content-type", "text/plain")][..], &[]] {
        let body = br#"{"data": "a", "operation": "reverse"}"#;
        let reply = send(address, "POST", path, content_type, body).await;
        assert_eq!((reply.status, found(&reply)), (422, vec![finding("model_attributes_type", "body")]));
    }
    let wrong = post_json(address, path, b"{\"data\": \"\xff\"}").await;
    let parsing = json!({"detail": "There was an error parsing the body"});
    assert_eq!((wrong.status, wrong.json()), (400, parsing));
    let large = format!("{{\"data\": \"{}\", \"operation\": \"length\"}}", "x".repeat(2 << 20));
    let reply = post_json(address, path, &large).await;
    assert_eq!(reply.status, 413);
    assert!(reply.json()["detail"].is_string());
    chunked(address, path, &large).await;
}

/// A body without a length: accepted, and refused when it grows too large.
async fn chunked(address: SocketAddr, path: &str, large: &str) {
    for (body, status) in [(r#"{"data": "abc", "operation": "length"}"#, 200), (large, 413)] {
        let mut connection = Connection::open(address).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        connection.send(head.as_bytes()).await;
        for part in body.as_bytes().chunks(64 << 10) {
            connection.send(format!("{:x}\r\n", part.len()).as_bytes()).await;
            connection.send(part).await;
            connection.send(b"\r\n").await;
        }
        connection.send(b"0\r\n\r\n").await;
        assert_eq!(connection.reply().await.expect("a reply").status, status);
    }
}

type Finding = (String, Vec<Value>);

fn finding(kind: &str, location: &str) -> Finding {
    let step = |text: &str| text.parse::<u64>().map_or_else(|_| json!(text), |index| json!(index));
    (kind.to_owned(), location.split('.').map(step).collect())
}

/// The findings of a 422, by type and place; each also has a message.
fn found(reply: &Reply) -> Vec<Finding> {
    let body = reply.json();
    let detail = body["detail"].as_array().unwrap_or_else(|| panic!("no findings: {body}"));
    let one = |item: &Value| {
        assert!(item["msg"].as_str().is_some_and(|text| !text.is_empty()), "{item}");
        let kind = item["type"].as_str().expect("a type").to_owned();
        (kind, item["loc"].as_array().expect("a place").clone())
    };
    detail.iter().map(one).collect()
}

fn invalid_bodies() -> Vec<(Vec<u8>, Vec<Finding>)> {
    let cases: [(&str, &[(&str, &str)]); 14] = [
        ("", &[("missing", "body")]),
        ("null", &[("model_attributes_type", "body")]),
        ("[]", &[("model_attributes_type", "body")]),
        ("\"text\"", &[("model_attributes_type", "body")]),
        ("{}", &[("missing", "body.data"), ("missing", "body.operation")]),
        ("{\"data\": \"a\"}", &[("missing", "body.operation")]),
        ("{\"data\": 5, \"operation\": \"reverse\"}", &[("string_type", "body.data")]),
        ("{\"data\": null, \"operation\": \"reverse\"}", &[("string_type", "body.data")]),
        ("{\"data\": \"a\", \"operation\": \"shout\"}", &[("enum", "body.operation")]),
        ("{\"data\": \"a\", \"operation\": {\"reverse\": null}}", &[("enum", "body.operation")]),
        ("[\"a\", \"reverse\"]", &[("model_attributes_type", "body")]),
        ("{\"data\": ", &[("json_invalid", "body.9")]),
        ("{\"data\": \"a\", \"operation\": \"reverse\",}", &[("json_invalid", "body.37")]),
        ("{\"data\": \"\\ud800\", \"operation\": \"reverse\"}", &[("string_unicode", "body.data")]),
    ];
    let one = |(body, findings): (&str, &[(&str, &str)])| {
        let findings = findings.iter().map(|(kind, place)| finding(kind, place)).collect();
        (body.as_bytes().to_vec(), findings)
    };
    cases.into_iter().map(one).collect()
}

/// What is no HTTP is answered with 4xx or a closed connection, and the service lives on.
pub async fn malformed(address: SocketAddr) {
    let long_header = format!("GET /health HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    let many_headers = format!("GET /health HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(500));
    let cases: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /health HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /health HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        long_header.as_bytes(),
        many_headers.as_bytes(),
    ];
    for case in cases {
        let mut connection = Connection::open(address).await;
        // The service may close before all is sent.
        let _ = connection.try_send(case).await;
        if let Some(reply) = connection.reply().await {
            let shown = String::from_utf8_lossy(&case[..case.len().min(60)]).into_owned();
            assert!((400..500).contains(&reply.status), "{shown}: {}", reply.status);
        }
        assert_eq!(get(address, "/health").await.status, 200);
    }
    // A request that is cut off in the middle of its body harms no one.
    let mut connection = Connection::open(address).await;
    connection.send(b"POST /api/process HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{").await;
    drop(connection);
    assert_eq!(get(address, "/health").await.status, 200);
}
