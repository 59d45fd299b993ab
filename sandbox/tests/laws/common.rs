//! What the tests share: requests as clients sign them, and readers of replies.

use bytes::Bytes;
use platctl_sandbox::clock::Time;
use platctl_sandbox::wire::message::{Reply, Request};
use platctl_sandbox::{Delivered, Owner, Settings};
use serde_json::Value;

/// A wall time to begin with: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A sandbox without sockets, with a wall time that the test moves.
pub(crate) struct World {
    pub(crate) owner: Owner,
    pub(crate) now: i64,
    pub(crate) region: &'static str,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let owner = Owner::open(settings, Time(START)).expect("the world opens");
        Self { owner, now: START, region: "eu-west-1" }
    }

    /// Sends a request one millisecond after the last one.
    pub(crate) fn send(&mut self, request: &Request) -> Delivered {
        self.now += 1;
        self.owner.handle(request, Time(self.now))
    }

    /// A call of EC2 (or another form service) that must succeed; gives the reply's text.
    pub(crate) fn ec2(&mut self, action: &str, parameters: &[(&str, &str)]) -> String {
        let reply = self.try_ec2(action, parameters);
        assert_eq!(reply.status, 200, "{action}: {}", text(&reply));
        text(&reply)
    }

    /// A call of EC2 that may be refused.
    pub(crate) fn try_ec2(&mut self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        let request = form_request("ec2", "2016-11-15", self.region, action, parameters);
        self.send(&request).reply
    }

    /// The code with which EC2 refuses a call.
    pub(crate) fn refusal(&mut self, action: &str, parameters: &[(&str, &str)]) -> String {
        let reply = self.try_ec2(action, parameters);
        assert_ne!(reply.status, 200, "{action} was accepted: {}", text(&reply));
        element(&text(&reply), "Code").unwrap_or_default()
    }

    /// A control call that must succeed.
    pub(crate) fn control(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request {
            method: method.into(),
            path: format!("/_sandbox{path}"),
            query: String::new(),
            headers: Vec::new(),
            body,
        };
        let reply = self.send(&request).reply;
        assert_eq!(reply.status, 200, "{method} {path}: {}", text(&reply));
        serde_json::from_slice(&reply.body).expect("control replies are JSON")
    }

    /// Everything in the world, as JSON.
    pub(crate) fn dump(&self) -> Value {
        serde_json::to_value(self.owner.world()).expect("a world is JSON")
    }
}

/// The Authorization header of a request for a service; signatures are not checked.
pub(crate) fn authorization(service: &str, region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// A request of a form protocol.
pub(crate) fn form_request(
    service: &str,
    version: &str,
    region: &str,
    action: &str,
    parameters: &[(&str, &str)],
) -> Request {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        body.push_str(&format!("&{}={}", encode(name), encode(value)));
    }
    Request {
        method: "POST".into(),
        path: "/".into(),
        query: String::new(),
        headers: vec![
            ("authorization".into(), authorization(service, region)),
            ("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".into()),
            ("host".into(), "127.0.0.1:4566".into()),
        ],
        body: body.into(),
    }
}

/// The body of a reply as text.
pub(crate) fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

/// The text of the first element of a name.
pub(crate) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
}

/// The texts of all elements of a name.
pub(crate) fn elements(xml: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}>");
    let inside = |rest: &str| rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned());
    xml.split(&open).skip(1).filter_map(inside).collect()
}
