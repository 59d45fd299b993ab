//! Each kind of fault does exactly what it says, seen from the other end of a socket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use platctl_sandbox::{Moment, Sandbox, Settings};
use serde_json::{Value, json};

use crate::common::{World, element, form_request, text};

/// What came back on a connection: everything until it was closed, or a whole reply.
struct Answer {
    raw: String,
}

impl Answer {
    fn status(&self) -> Option<u16> {
        self.raw.split(' ').nth(1)?.parse().ok()
    }

    fn body(&self) -> &str {
        self.raw.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    fn announced(&self) -> Option<usize> {
        let head = self.raw.split_once("\r\n\r\n")?.0.to_lowercase();
        head.split_once("content-length: ")?.1.lines().next()?.trim().parse().ok()
    }
}

fn exchange(port: u16, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut raw = Vec::new();
    // A cut connection ends in an error or in an early end; both are what the test looks at.
    let _ = stream.read_to_end(&mut raw);
    Answer { raw: String::from_utf8_lossy(&raw).into_owned() }
}

fn ec2(port: u16, action: &str, parameters: &[(&str, &str)]) -> Answer {
    let request = form_request("ec2", "2016-11-15", "eu-west-1", action, parameters);
    let headers: String = request
        .headers
        .iter()
        .filter(|(name, _)| name != "host")
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    exchange(port, "POST", "/", &headers, &String::from_utf8_lossy(&request.body))
}

fn control(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = exchange(port, method, &format!("/_sandbox{path}"), "", &body);
    assert_eq!(answer.status(), Some(200), "{}", answer.raw);
    serde_json::from_str(answer.body()).unwrap()
}

fn vpcs(port: u16) -> usize {
    control(port, "DELETE", "/faults", &Value::Null);
    ec2(port, "DescribeVpcs", &[]).body().matches("<vpcId>").count()
}

fn start() -> (Sandbox, u16) {
    let sandbox = Sandbox::start_blocking(Settings::default()).unwrap();
    let port = sandbox.port();
    (sandbox, port)
}

const CIDR: [(&str, &str); 1] = [("CidrBlock", "10.0.0.0/16")];

#[test]
fn throttling_and_errors_have_no_effect_and_the_service_s_own_shape() {
    let (_sandbox, port) = start();
    for (kind, status, code) in [
        ("throttle", 503, "RequestLimitExceeded"),
        ("server-error", 500, "InternalFailure"),
        ("unavailable", 503, "Unavailable"),
    ] {
        control(port, "POST", "/faults", &json!({ "kind": kind, "operation": "CreateVpc", "times": 1 }));
        let answer = ec2(port, "CreateVpc", &CIDR);
        assert_eq!(answer.status(), Some(status), "{}", answer.raw);
        assert_eq!(element(answer.body(), "Code").as_deref(), Some(code));
        assert_eq!(vpcs(port), 0, "{kind}");
    }
}

#[test]
fn cut_before_has_no_effect_and_cut_after_has_one() {
    let (_sandbox, port) = start();
    for (kind, left) in [("cut-before", 0), ("cut-after", 1)] {
        control(port, "POST", "/faults", &json!({ "kind": kind, "operation": "CreateVpc", "times": 1 }));
        let answer = ec2(port, "CreateVpc", &CIDR);
        assert_eq!(answer.raw, "", "{kind}: the connection is cut without a reply");
        assert_eq!(vpcs(port), left, "{kind}");
    }
}

#[test]
fn half_a_reply_announces_the_whole_and_gives_half() {
    let (_sandbox, port) = start();
    control(port, "POST", "/faults", &json!({ "kind": "half-reply", "operation": "CreateVpc" }));
    let answer = ec2(port, "CreateVpc", &CIDR);
    assert_eq!(answer.status(), Some(200));
    let announced = answer.announced().unwrap();
    assert_eq!(answer.body().len(), announced / 2, "{}", answer.raw);
    assert_eq!(vpcs(port), 1);
}

#[test]
fn a_delayed_reply_takes_effect_and_comes_late() {
    let (_sandbox, port) = start();
    control(port, "POST", "/faults", &json!({ "kind": { "delay": 300 }, "operation": "CreateVpc" }));
    let began = Instant::now();
    let answer = ec2(port, "CreateVpc", &CIDR);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(answer.status(), Some(200));
    assert_eq!(vpcs(port), 1);
}

#[test]
fn the_nth_call_and_only_it() {
    let mut world = World::new();
    world.control("POST", "/faults", &json!({ "kind": "throttle", "operation": "Describe*", "nth": 3 }));
    let statuses: Vec<u16> = (0..5).map(|_| world.try_ec2("DescribeVpcs", &[]).status).collect();
    assert_eq!(statuses, [200, 200, 503, 200, 200]);
    // It is spent, so it is gone.
    assert_eq!(world.control("GET", "/faults", &Value::Null)["faults"], json!([]));
}

#[test]
fn a_share_of_calls_is_a_share_and_the_same_for_the_same_seed() {
    let strikes = |seed: u64| {
        let mut world = World::with(Settings { seed, ..Settings::default() });
        world.control("POST", "/faults", &json!({ "kind": "throttle", "service": "ec2", "share": 0.25 }));
        (0..400).map(|_| world.try_ec2("DescribeVpcs", &[]).status != 200).collect::<Vec<bool>>()
    };
    let first = strikes(5);
    let count = first.iter().filter(|struck| **struck).count();
    assert!((70..130).contains(&count), "{count} of 400");
    assert_eq!(first, strikes(5));
    assert_ne!(first, strikes(6));
}

#[test]
fn another_service_is_spared() {
    let mut world = World::new();
    world.control("POST", "/faults", &json!({ "kind": "throttle", "service": "ec2" }));
    let request = form_request("sts", "2011-06-15", "eu-west-1", "GetCallerIdentity", &[]);
    let reply = world.send(&request).reply;
    assert_eq!(reply.status, 200, "{}", text(&reply));
    assert_eq!(world.try_ec2("DescribeVpcs", &[]).status, 503);
}

#[test]
fn a_cut_counts_in_the_log_as_what_it_was() {
    let (_sandbox, port) = start();
    control(port, "POST", "/faults", &json!({ "kind": "cut-after", "operation": "CreateVpc", "times": 1 }));
    ec2(port, "CreateVpc", &CIDR);
    let log = control(port, "GET", "/calls", &Value::Null);
    assert_eq!(log["calls"][0]["outcome"], "cut");
    assert_eq!(log["counts"]["ec2:CreateVpc"]["errors"], 1);
}

#[test]
fn reads_are_not_counted_by_a_fault_of_what_changes_something() {
    let (_sandbox, port) = start();
    control(port, "POST", "/faults", &json!({"kind": "throttle", "mutating": true, "nth": 2}));
    for (action, parameters, status) in [
        ("DescribeVpcs", &[][..], 200),
        ("CreateVpc", &CIDR[..], 200),
        ("DescribeVpcs", &[][..], 200),
        ("CreateVpc", &CIDR[..], 503),
        ("CreateVpc", &CIDR[..], 200),
    ] {
        assert_eq!(ec2(port, action, parameters).status(), Some(status), "{action}");
    }
}

#[test]
fn a_watch_is_told_each_moment_and_may_end_the_call_there() {
    let (tell, told) = std::sync::mpsc::channel();
    let watch = Box::new(move |moment, call: &platctl_sandbox::ChangingCall| {
        tell.send((moment, call.number, call.operation.clone())).unwrap();
        (moment, call.number) != (Moment::Arrived, 2) && (moment, call.number) != (Moment::Applied, 3)
    });
    let sandbox = Sandbox::start_watched(Settings::default(), watch).unwrap();
    let port = sandbox.port();
    let before = vpcs(port);
    assert_eq!(ec2(port, "CreateVpc", &CIDR).status(), Some(200));
    assert_eq!(ec2(port, "CreateVpc", &CIDR).status(), None);
    assert_eq!(ec2(port, "CreateVpc", &CIDR).status(), None);
    assert_eq!(vpcs(port), before + 2, "cut on arrival it has no effect, cut later it has");
    let told: Vec<(Moment, u64)> = told.iter().take(6).map(|(moment, number, _)| (moment, number)).collect();
    let (arrived, applied, replied) = (Moment::Arrived, Moment::Applied, Moment::Replied);
    assert_eq!(told, [(arrived, 1), (applied, 1), (replied, 1), (arrived, 2), (arrived, 3), (applied, 3)]);
}

/// A registry with a repository, seen by a client that has logged in.
struct Registry {
    _sandbox: Sandbox,
    port: u16,
    login: String,
}

impl Registry {
    fn start() -> Self {
        let (sandbox, port) = start();
        let ecr = |operation: &str, body: &str| {
            let signed = crate::common::authorization("ecr", "eu-west-1");
            let headers = format!(
                "authorization: {signed}\r\ncontent-type: application/x-amz-json-1.1\r\n\
                 x-amz-target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n"
            );
            let answer = exchange(port, "POST", "/", &headers, body);
            assert_eq!(answer.status(), Some(200), "{}", answer.raw);
            serde_json::from_str::<Value>(answer.body()).unwrap()
        };
        ecr("CreateRepository", r#"{"repositoryName":"app"}"#);
        let token = ecr("GetAuthorizationToken", "{}");
        let token = token["authorizationData"][0]["authorizationToken"].as_str().unwrap().to_owned();
        Self { _sandbox: sandbox, port, login: format!("authorization: Basic {token}\r\n") }
    }

    fn arm(&self, kind: &Value, operation: &str) {
        let fault = json!({ "kind": kind, "service": "registry", "operation": operation, "times": 1 });
        control(self.port, "POST", "/faults", &fault);
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        exchange(self.port, method, &format!("/v2/app/{path}"), &self.login, body)
    }

    /// Uploads a blob whole, in one request.
    fn upload(&self, body: &str) -> Answer {
        self.ask("POST", &format!("blobs/uploads/?digest={}", digest(body)), body)
    }

    fn has(&self, body: &str) -> bool {
        self.ask("HEAD", &format!("blobs/{}", digest(body)), "").status() == Some(200)
    }
}

fn digest(body: &str) -> String {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(body.as_bytes());
    format!("sha256:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[test]
fn a_registry_meets_the_same_faults_in_its_own_shape() {
    let registry = Registry::start();
    for (kind, status, code) in [
        ("throttle", 429, "TOOMANYREQUESTS"),
        ("server-error", 500, "UNKNOWN"),
        ("unavailable", 503, "UNAVAILABLE"),
    ] {
        registry.arm(&json!(kind), "StartUpload");
        let answer = registry.upload(kind);
        assert_eq!(answer.status(), Some(status), "{}", answer.raw);
        let body: Value = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(body["errors"][0]["code"], code);
        assert!(!registry.has(kind), "{kind} had an effect");
        assert_eq!(registry.upload(kind).status(), Some(201), "{kind} struck twice");
    }
}

#[test]
fn a_registry_s_connections_are_cut_before_and_after_and_its_replies_in_half() {
    let registry = Registry::start();
    for (kind, there) in [("cut-before", false), ("cut-after", true)] {
        registry.arm(&json!(kind), "StartUpload");
        assert_eq!(registry.upload(kind).raw, "", "{kind}: the connection is cut without a reply");
        assert_eq!(registry.has(kind), there, "{kind}");
    }
    registry.arm(&json!("half-reply"), "GetBlob");
    let answer = registry.ask("GET", &format!("blobs/{}", digest("cut-after")), "");
    assert_eq!((answer.announced(), answer.body()), (Some("cut-after".len()), "cut-"));
    let log = control(registry.port, "GET", "/calls", &Value::Null);
    assert_eq!(log["counts"]["registry:StartUpload"], json!({ "calls": 2, "errors": 2 }));
    assert_eq!(log["counts"]["registry:GetBlob"], json!({ "calls": 1, "errors": 1 }));
}

#[test]
fn a_registry_s_reply_comes_late() {
    let registry = Registry::start();
    registry.arm(&json!({ "delay": 300 }), "StartUpload");
    let began = Instant::now();
    assert_eq!(registry.upload("late").status(), Some(201));
    assert!(began.elapsed() >= Duration::from_millis(300));
}
