//! The FastAPI twin of a service, and the comparison with it.
//!
//! Law of the comparison: to the same request both answer with the same status,
//! the same content type, `Allow` and `Location`, and the same JSON, but for
//! the values of `timestamp`, `uptime_seconds` and `endpoints` (which are of the
//! same type). The one exception: the twin fails with a 500 of its own where it
//! cannot write a rejected body into its answer (numbers that are not finite,
//! lone surrogates), and we answer 422.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::http::{Connection, Reply, request};
use crate::peers;

/// A running twin; ended with the test.
pub struct Twin {
    /// Where it listens.
    pub address: SocketAddr,
    _child: Child,
}

impl Twin {
    /// Starts the twin of a service, `backend_app` for example.
    pub async fn start(module: &str, variables: &[(&str, &str)]) -> Self {
        let programs = peers::python().await;
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("bound");
        drop(free);
        let child = Command::new(programs.join("uvicorn"))
            .current_dir(peers::repository().join("scripts/bench/services"))
            .args([&format!("twin.{module}:app"), "--host", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .args(["--loop", "uvloop", "--http", "httptools", "--no-access-log"])
            .args(["--log-level", "critical"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("uvicorn starts");
        let deadline = Instant::now() + Duration::from_secs(120);
        while Connection::try_open(address).await.is_err() {
            assert!(Instant::now() < deadline, "the twin does not listen");
            sleep(Duration::from_millis(50)).await;
        }
        Self { address, _child: child }
    }
}

/// A request for both.
#[derive(Debug, Clone)]
pub struct Case {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The content type, if one is sent.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

impl Case {
    /// A request without a body.
    #[must_use]
    pub fn bare(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), content_type: None, body: Vec::new() }
    }

    /// Whether the twin cannot repeat the body in a finding.
    fn cannot_be_echoed(&self) -> bool {
        let text = String::from_utf8_lossy(&self.body);
        ["NaN", "Infinity", "e999", "\\ud8"].iter().any(|needle| text.contains(needle))
    }

    /// A POST of JSON.
    #[must_use]
    pub fn json(path: &str, body: impl Into<Vec<u8>>) -> Self {
        let content_type = Some("application/json");
        Self { content_type, body: body.into(), ..Self::bare("POST", path) }
    }
}

/// The cases that concern all paths: each with each method, with a slash, and unknown ones.
#[must_use]
pub fn routing_cases(operations: &[(&'static str, &'static str)]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (_, path) in operations {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
            cases.push(Case::bare(method, *path));
        }
        if *path != "/" {
            cases.push(Case::bare("GET", format!("{path}/")));
            cases.push(Case::bare("GET", format!("{path}/?a=b")));
            cases.push(Case::bare("POST", format!("{path}/")));
        }
        cases.push(Case::bare("GET", format!("{path}?unknown=%20&x")));
    }
    for path in ["/nowhere", "/api", "/api/", "//health", "/health//", "/HEALTH", "/%20", "/docs/x"] {
        cases.push(Case::bare("GET", path));
    }
    cases
}

/// The cases that concern a route that works on texts.
#[must_use]
pub fn body_cases(path: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = bodies().iter().map(|body| Case::json(path, body.as_bytes())).collect();
    for operation in ["uppercase", "lowercase", "reverse", "length", "wordcount"] {
        for text in ["", "test data", "Straße ŉ ﬁ İ", "ΑΣ ὈΔΥΣΣΕΎΣ", "a\u{1c}b\u{85}c\u{a0}d", "e\u{301}😀👨‍👩‍👧"]
        {
            let body = serde_json::json!({"data": text, "operation": operation});
            cases.push(Case::json(path, body.to_string()));
        }
    }
    let good = r#"{"data": "ä", "operation": "uppercase"}"#;
    for content_type in CONTENT_TYPES {
        let content_type = Some(content_type);
        cases.push(Case { content_type, ..Case::json(path, good) });
    }
    cases.push(Case { content_type: None, ..Case::json(path, good) });
    let wide = |unit: fn(u16) -> [u8; 2]| good.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    cases.extend([
        Case::json(path, wide(u16::to_le_bytes)),
        Case::json(path, wide(u16::to_be_bytes)),
        Case::json(path, [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat()),
        Case::json(path, ["\u{feff}", good].concat()),
        Case::json(path, b"{\"data\": \"\xff\", \"operation\": \"reverse\"}".to_vec()),
        Case::json(path, b"\xff\xff".to_vec()),
        Case::json(path, b"{\"x\": \"\xed\xa0\x80\", \"data\": \"a\", \"operation\": \"length\"}".to_vec()),
        Case::json(path, "9".repeat(5000)),
        Case::json(path, "[".repeat(50_000)),
        Case::json(path, format!("{{\"x\": {}1{}, {}", "[".repeat(200), "]".repeat(200), &good[1..])),
        Case { content_type: Some("text/plain"), ..Case::json(path, "ö") },
    ]);
    for body in ["{\"data\": NaN}", "{\"data\": 1e999}", "{\"data\": \"\\ud800\", \"operation\": \"length\"}"]
    {
        cases.push(Case::json(path, body));
    }
    cases
}

const CONTENT_TYPES: [&str; 9] = [
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/problem+json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/json",
    "nonsense",
    "application/json/x",
];

fn bodies() -> Vec<String> {
    let bodies = [
        "",
        " ",
        "null",
        "true",
        "0",
        "-0",
        "1.5e3",
        "\"text\"",
        "[]",
        "{}",
        "[1, \"a\", null]",
        r#"{"data": "a"}"#,
        r#"{"operation": "length"}"#,
        r#"{"data": null, "operation": null}"#,
        r#"{"data": 1, "operation": 1}"#,
        r#"{"data": true, "operation": ["length"]}"#,
        r#"{"data": {"a": [1, 2.50, 1E5, 12345678901234567890123]}, "operation": {}}"#,
        r#"{"data": "a", "operation": "LENGTH"}"#,
        r#"{"data": "a", "operation": ""}"#,
        r#"{"data": "a", "operation": {"length": null}}"#,
        r#"{"data": "a", "operation": "length", "unknown": {"deep": [1]}}"#,
        r#"{"data": "a", "data": "bcd", "operation": "length"}"#,
        r#"{"data": "a", "operation": "nothing", "operation": "length"}"#,
        r#"{"data": "a", "operation": "length", "n": NaN, "i": [-Infinity, Infinity]}"#,
        r#"{"data": "\ud83d\ude00", "operation": "length"}"#,
        r#"{"data": "\u0000", "operation": "uppercase"}"#,
        r#"{"data": "a", "operation": "length"} x"#,
        r#"{"data": "a" "operation": "length"}"#,
        r#"{"data": "a", "operation"}"#,
        r#"{"data": "a", 'operation': "length"}"#,
        r#"{"data": "a", "operation": length}"#,
        r#"{"data": "a"#,
        r#"{"data": "a\"#,
        r#"{"data": "a\q"}"#,
        r#"{"data": "\u12"}"#,
        r#"{"data": "\u12x4"}"#,
        r#"{"data": "ä\ud83d\u12"}"#,
        r#"["a", "length"]"#,
        "{\"data\": \"a\nb\", \"operation\": \"length\"}",
        "\u{a0}{}",
        "{\"data\":",
        "{",
        "[",
        "[1",
        "[1,",
        "tru",
        "nul",
        "-",
        "01",
        "1.",
        "+1",
        ".5",
        "NaN",
        "#",
    ];
    bodies.map(str::to_owned).to_vec()
}

/// Sends the cases to both and fails with all differences.
///
/// # Panics
/// If there is a difference.
pub async fn compare(ours: SocketAddr, twin: SocketAddr, cases: &[Case]) {
    let mut differences = Vec::new();
    for case in cases {
        let (ours, twin) = (answer(ours, case).await, answer(twin, case).await);
        if twin.status == 500 && case.cannot_be_echoed() {
            assert_eq!(ours.status, 422, "{case:?}");
            continue;
        }
        let (ours, twin) = (comparable(&ours), comparable(&twin));
        if ours != twin {
            let body: String = String::from_utf8_lossy(&case.body).chars().take(80).collect();
            let (method, path, content_type) = (case.method, &case.path, case.content_type);
            differences
                .push(format!("{method} {path} {content_type:?} {body}\n  ours {ours:?}\n  twin {twin:?}"));
        }
    }
    let (count, all) = (differences.len(), cases.len());
    assert!(differences.is_empty(), "{count} of {all} differ:\n{}", differences.join("\n"));
    eprintln!("{all} requests, no difference");
}

async fn answer(address: SocketAddr, case: &Case) -> Reply {
    let mut headers = vec![("connection", "close")];
    headers.extend(case.content_type.map(|text| ("content-type", text)));
    let bytes = request(case.method, &case.path, &headers, &case.body);
    let mut connection = Connection::open(address).await;
    connection.send(&bytes).await;
    if case.method == "HEAD" {
        // Such a response has the length of a body and no body.
        let head = String::from_utf8_lossy(&connection.first_bytes().await).into_owned();
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
        return Reply { status, headers: Vec::new(), body: Vec::new() };
    }
    connection.reply().await.expect("a reply comes")
}

/// What has to be equal.
#[derive(Debug, PartialEq)]
struct Comparable {
    status: u16,
    content_type: Option<String>,
    allow: Option<Vec<String>>,
    location: Option<String>,
    body: Value,
}

fn comparable(reply: &Reply) -> Comparable {
    let allow = reply.header("allow").map(|text| {
        let mut methods: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        methods.sort();
        methods
    });
    // The twin names its own host, we give the path.
    let location = reply.header("location").map(|text| {
        let path = text.strip_prefix("http://localhost").unwrap_or(text);
        path.to_owned()
    });
    let content_type = reply.header("content-type").map(str::to_owned);
    let json = content_type.as_deref() == Some("application/json");
    let mut body = if json { reply.json() } else { Value::Null };
    blur(&mut body);
    Comparable { status: reply.status, content_type, allow, location, body }
}

/// Replaces what may differ in value by its type.
fn blur(body: &mut Value) {
    let Some(members) = body.as_object_mut() else { return };
    for name in ["timestamp", "uptime_seconds", "endpoints"] {
        if let Some(value) = members.get_mut(name) {
            *value = match &*value {
                Value::String(text) => Value::from(format!("text of {}", text.len())),
                Value::Number(_) => Value::from("number"),
                Value::Array(_) => Value::from("list"),
                other => other.clone(),
            };
        }
    }
    if members.contains_key("openapi") {
        *body = Value::from("a document");
    }
}

/// Bodies made from a good one by random changes, the same for the same seed.
#[must_use]
pub fn mutated_bodies(path: &str, count: usize, seed: u64) -> Vec<Case> {
    const PIECES: [&str; 24] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "\\ud83d",
        "null",
        "tru",
        "-",
        "0",
        "1.5",
        "e5",
        " ",
        "\n",
        "ä",
        "😀",
        "NaN",
        "\"data\"",
        "\"operation\"",
        "\\n",
    ];
    let mut state = seed;
    let mut random = move |below: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).expect("below a usize")
    };
    let good = r#"{"data": "a b", "operation": "length", "more": [1, -2.5e3, {"x": "\u00e4"}]}"#;
    let mutated = |_| {
        let mut body: Vec<char> = good.chars().collect();
        for _ in 0..=random(3) {
            let at = random(body.len() + 1);
            let until = (at + random(4)).min(body.len());
            let piece = PIECES[random(PIECES.len())].chars();
            body.splice(at..until, piece);
        }
        Case::json(path, body.into_iter().collect::<String>())
    };
    (0..count).map(mutated).collect()
}
