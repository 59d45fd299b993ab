//! A sandbox with a cluster, and a client of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::cluster::json::wall;
use crate::cluster::signature::Signed;
use crate::testing::Client;
use crate::{Sandbox, Settings};

pub(super) const KEY: &str = "AKIACREATOREXAMPLE00";
pub(super) const SECRET: &str = "creators-secret";

/// A sandbox in a folder, with the cluster `dev`.
pub(super) struct Ground {
    sandbox: Option<Sandbox>,
    folder: tempfile::TempDir,
    pub(super) endpoint: String,
    authority: String,
}

/// How a token is made.
pub(super) struct Token<'a> {
    pub(super) key: &'a str,
    pub(super) secret: &'a str,
    pub(super) cluster: &'a str,
    /// Seconds since it was signed.
    pub(super) age: i64,
    pub(super) host: Option<&'a str>,
}

impl Default for Token<'_> {
    fn default() -> Self {
        Self { key: KEY, secret: SECRET, cluster: "dev", age: 0, host: None }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) body: Value,
    pub(super) text: String,
}

fn settings(folder: &tempfile::TempDir) -> Settings {
    Settings { folder: Some(folder.path().to_owned()), ..Settings::default() }
}

/// The world of a cluster, made before the sandbox listens.
fn build(client: &mut Client) {
    let vpc = client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))["Vpc"]["VpcId"].clone();
    let subnets: Vec<Value> = ["a", "b"].iter().enumerate().map(|(n, zone)| {
        let tags = json!([{ "ResourceType": "subnet", "Tags": [{ "Key": "kubernetes.io/role/elb", "Value": "1" },
            { "Key": "kubernetes.io/role/internal-elb", "Value": "1" }] }]);
        let input = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"),
            "AvailabilityZone": format!("eu-west-1{zone}"), "TagSpecifications": tags });
        client.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].clone()
    }).collect();
    let gateway =
        client.ok("ec2", "CreateInternetGateway", json!({}))["InternetGateway"]["InternetGatewayId"].clone();
    client.ok("ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    for (role, service, policies) in [
        ("cluster", "eks.amazonaws.com", &["AmazonEKSClusterPolicy"][..]),
        (
            "node",
            "ec2.amazonaws.com",
            &["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"][..],
        ),
    ] {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": service }, "Action": ["sts:AssumeRole", "sts:TagSession"] }] })
        .to_string();
        client.ok("iam", "CreateRole", json!({ "RoleName": role, "AssumeRolePolicyDocument": trust }));
        for policy in policies {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            client.ok("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn }));
        }
    }
    client.control(
        "POST",
        "/keys",
        &json!({ "access_key": KEY, "account": "123456789012",
        "arn": "arn:aws:iam::123456789012:user/sandbox", "secret": SECRET }),
    );
    client.ok(
        "eks",
        "CreateCluster",
        json!({ "name": "dev", "version": "1.33",
        "roleArn": "arn:aws:iam::123456789012:role/cluster", "resourcesVpcConfig": { "subnetIds": subnets },
        "accessConfig": { "authenticationMode": "API" } }),
    );
    for _ in 0..2 {
        client.ok("eks", "DescribeCluster", json!({ "name": "dev" }));
    }
    client.ok(
        "eks",
        "CreateNodegroup",
        json!({ "clusterName": "dev", "nodegroupName": "main", "subnets": subnets,
        "nodeRole": "arn:aws:iam::123456789012:role/node",
        "scalingConfig": { "minSize": 2, "maxSize": 2, "desiredSize": 2 } }),
    );
    for _ in 0..2 {
        client.ok("eks", "DescribeNodegroup", json!({ "clusterName": "dev", "nodegroupName": "main" }));
    }
}

impl Ground {
    pub(super) fn new() -> Self {
        Self::with(|_| ())
    }

    /// With more in its world.
    pub(super) fn with(more: impl FnOnce(&mut Client)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut client = Client::kept(settings(&folder));
        build(&mut client);
        more(&mut client);
        drop(client);
        let mut ground = Self { sandbox: None, folder, endpoint: String::new(), authority: String::new() };
        ground.start();
        ground
    }

    fn start(&mut self) {
        self.sandbox = Some(Sandbox::start_blocking(settings(&self.folder)).unwrap());
        let described = self.aws("GET", "/clusters/dev", "eks", "");
        let cluster = &described["cluster"];
        self.endpoint = cluster["endpoint"].as_str().unwrap().to_owned();
        let encoded = cluster["certificateAuthority"]["data"].as_str().unwrap();
        self.authority = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    }

    /// Stops the sandbox and starts it again.
    pub(super) fn restart(&mut self) {
        self.sandbox.take().unwrap().stop();
        self.start();
    }

    fn host(&self) -> String {
        self.sandbox.as_ref().unwrap().url().trim_start_matches("http://").to_owned()
    }

    /// A call of the AWS beside the cluster.
    pub(super) fn aws(&self, method: &str, path: &str, service: &str, body: &str) -> Value {
        let answer = self.raw(method, path, service, ("application/json", body));
        assert!(answer.code < 300, "{method} {path}: {}", answer.text);
        answer.body
    }

    /// A call in a form.
    pub(super) fn form(&self, service: &str, form: &str) -> String {
        let answer = self.raw("POST", "/", service, ("application/x-www-form-urlencoded", form));
        assert!(answer.code < 300, "{form}: {}", answer.text);
        answer.text
    }

    /// How many clusters have a folder.
    pub(super) fn cluster_folders(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("clusters")).map_or(0, Iterator::count)
    }

    /// Stops the sandbox, lets something be done to the clusters' folder, and starts it again.
    pub(super) fn between(&mut self, work: impl FnOnce(&std::path::Path)) {
        self.sandbox.take().unwrap().stop();
        work(&self.folder.path().join("clusters"));
        self.start();
    }

    /// A call of the AWS beside the cluster, which may refuse it.
    pub(super) fn raw(
        &self,
        method: &str,
        path: &str,
        service: &str,
        (content, body): (&str, &str),
    ) -> Answer {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\nContent-Type: \
             {content}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={KEY}/20260101/eu-west-1/{service}/aws4_request, x\r\n\r\n{body}",
            self.host(),
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        read(&answer)
    }

    /// A token, as clients of EKS make it.
    pub(super) fn token(&self, token: &Token<'_>) -> String {
        let host = token.host.map_or_else(|| self.host(), str::to_owned);
        let at = crate::clock::Time(wall().0 - token.age * 1000);
        let (day, moment) = (at.format("%Y%m%d"), at.format("%Y%m%dT%H%M%SZ"));
        let parameters = [
            ("Action", "GetCallerIdentity".to_owned()),
            ("Version", "2011-06-15".to_owned()),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("X-Amz-Credential", format!("{}/{day}/eu-west-1/sts/aws4_request", token.key)),
            ("X-Amz-Date", moment),
            ("X-Amz-Expires", "60".to_owned()),
            ("X-Amz-SignedHeaders", "host;x-k8s-aws-id".to_owned()),
        ];
        let parameters = parameters.map(|(key, value)| (key.to_owned(), value));
        let signed = Signed { host: host.clone(), path: "/".to_owned(), parameters: parameters.to_vec() };
        let signature = signed.sign(token.secret, &[("host", &host), ("x-k8s-aws-id", token.cluster)]);
        let query: Vec<String> = parameters
            .iter()
            .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let url = format!("http://{host}/?{}&X-Amz-Signature={signature}", query.join("&"));
        format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url))
    }

    /// A request with a token.
    pub(super) fn with_token(
        &self,
        token: &str,
        method: &str,
        path: &str,
        (content, body): (&str, &str),
    ) -> Answer {
        let mut stream = self.connect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: cluster\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             User-Agent: test/1\r\nContent-Type: {content}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // The end of a connection is the end of an answer, however it ends.
        let _ended = stream.read_to_end(&mut answer);
        read(&answer)
    }

    /// Upgrades a connection to a WebSocket, sends bytes, and gives all that comes back.
    pub(super) fn upgrade(&self, path: &str, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: cluster\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\nUpgrade: \
             websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io\r\n\r\n",
            self.token(&Token::default())
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101") && head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ended = stream.read_to_end(&mut answer);
        answer
    }

    fn connect(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(self.endpoint.trim_start_matches("https://")).unwrap();
        StreamOwned::new(connection, stream)
    }

    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let token = self.token(&Token::default());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.with_token(&token, method, path, ("application/json", &body))
    }

    #[track_caller]
    pub(super) fn ok(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.ask(method, path, body);
        assert!(answer.code < 300, "{method} {path}: {} {}", answer.code, answer.text);
        answer.body
    }

    pub(super) fn get(&self, path: &str) -> Value {
        self.ok("GET", path, &Value::Null)
    }

    /// A patch of some kind (`merge`, `json`, `strategic-merge`).
    pub(super) fn patch(&self, kind: &str, path: &str, body: &Value) -> Answer {
        let content = format!("application/{kind}-patch+json");
        let token = self.token(&Token::default());
        self.with_token(&token, "PATCH", path, (&content, &body.to_string()))
    }

    /// A server-side apply.
    pub(super) fn apply(&self, manager: &str, path: &str, body: &Value) -> Answer {
        let token = self.token(&Token::default());
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}fieldManager={manager}");
        self.with_token(&token, "PATCH", &path, ("application/apply-patch+yaml", &body.to_string()))
    }

    /// Asks again and again until an answer is as wanted; what it was last when it never is.
    #[track_caller]
    pub(super) fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let since = std::time::Instant::now();
        loop {
            let answer = self.ask("GET", path, &Value::Null);
            if wanted(&answer) {
                return answer;
            }
            assert!(since.elapsed().as_secs() < 30, "{path} is not as wanted: {}", answer.text);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

/// Reads an answer, also one in chunks.
fn read(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let text = if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.to_owned()
    };
    Answer { code, body: serde_json::from_str(&text).unwrap_or_default(), text }
}

fn unchunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((size, behind)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = behind.get(..size).filter(|_| size > 0) else { break };
        whole.push_str(chunk);
        rest = behind.get(size + 2..).unwrap_or_default();
    }
    whole
}
