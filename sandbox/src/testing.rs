//! A client for the tests beside the services: speaks the wire of every protocol to an owner in memory, driven by
//! the service models, so that a test goes through decoding, validation, dispatch and encoding.

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::clock::{Pace, Time};
use crate::owner::Owner;
use crate::services;
use crate::settings::Settings;
use crate::wire::message::{Reply, Request};
use crate::wire::model::{Member, Model, OperationModel, Protocol, Shape};

/// A refusal as the client saw it.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// An account with a sandbox of its own.
pub(crate) struct Client {
    owner: Owner,
    wall: Time,
    pub(crate) region: String,
}

impl Client {
    /// A fresh world under the instant clock.
    pub(crate) fn new() -> Self {
        Self::paced(Pace::Instant)
    }

    /// A fresh world under another clock.
    pub(crate) fn paced(pace: Pace) -> Self {
        let wall = Time(1_760_000_000_000);
        let owner = Owner::open(Settings { pace, ..Settings::default() }, wall).unwrap();
        Self { owner, wall, region: "eu-west-1".to_owned() }
    }

    /// A fresh world that is kept in a folder.
    pub(crate) fn kept(settings: Settings) -> Self {
        let wall = Time(1_760_000_000_000);
        let owner = Owner::open(settings, wall).unwrap();
        Self { owner, wall, region: "eu-west-1".to_owned() }
    }

    /// Opens the world of the folder again, as after a SIGKILL.
    pub(crate) fn reopen(&mut self, settings: Settings) {
        self.owner = Owner::open(settings, self.wall).unwrap();
    }

    /// The world, to look at.
    pub(crate) fn world(&self) -> &crate::world::World {
        self.owner.world()
    }

    /// Lets so many seconds pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.wall = self.wall.plus_seconds(seconds);
    }

    /// Calls the control API.
    pub(crate) fn control(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.send_control(method, path, body);
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// Calls the control API for what it refuses: the status and why.
    pub(crate) fn refused_control(&mut self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let reply = self.send_control(method, path, body);
        assert!(reply.status >= 400, "{:?}", reply.body);
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        (reply.status, text(&answer["error"]))
    }

    /// Calls the control API, which may refuse: the status.
    pub(crate) fn try_control(&mut self, method: &str, path: &str, body: &Value) -> u16 {
        self.wall.0 += 1;
        self.send_control(method, path, body).status
    }

    fn send_control(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Request {
            method: method.into(),
            path: format!("/_sandbox{path}"),
            query: String::new(),
            headers: Vec::new(),
            body: body.to_string().into(),
        };
        self.owner.handle(&request, self.wall).reply
    }

    /// Sends a request of nobody's, with no body.
    pub(crate) fn anonymous(&mut self, method: &str, path: &str) -> Reply {
        let (query, headers, body) = (String::new(), Vec::new(), Bytes::new());
        let request = Request { method: method.into(), path: path.into(), query, headers, body };
        self.owner.handle(&request, self.wall).reply
    }

    /// Makes a call that must succeed.
    #[track_caller]
    pub(crate) fn ok(&mut self, service: &str, operation: &str, input: Value) -> Value {
        match self.ask(service, operation, input) {
            Ok(output) => output,
            Err(refused) => panic!("{service}:{operation} was refused: {refused:?}"),
        }
    }

    /// Makes a call that must be refused, and gives the code.
    #[track_caller]
    pub(crate) fn code(&mut self, service: &str, operation: &str, input: Value) -> String {
        match self.ask(service, operation, input) {
            Ok(output) => panic!("{service}:{operation} succeeded: {output}"),
            Err(refused) => refused.code,
        }
    }

    /// Makes a call.
    pub(crate) fn ask(&mut self, service: &str, operation: &str, input: Value) -> Result<Value, Refused> {
        self.wall.0 += 1;
        let model = services::model_of(service).unwrap();
        let found = model.operations.get(operation).unwrap_or_else(|| panic!("no operation {operation}"));
        let mut request = encode(model, operation, found, input);
        let credential = format!("AKID/20260101/{}/{}/aws4_request", self.region, model.signing);
        request
            .headers
            .push(("authorization".into(), format!("AWS4-HMAC-SHA256 Credential={credential}, x")));
        let reply = self.owner.handle(&request, self.wall).reply;
        if reply.status < 300 { Ok(decode(model, found, &reply)) } else { Err(refusal(model, &reply)) }
    }
}

fn encode(model: &Model, operation: &str, found: &OperationModel, input: Value) -> Request {
    let mut request = Request {
        method: found.method.clone().unwrap_or_else(|| "POST".into()),
        path: "/".into(),
        query: String::new(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    match model.protocol {
        Protocol::Ec2 | Protocol::Query => {
            let mut pairs =
                vec![("Action".to_owned(), operation.to_owned()), ("Version".into(), model.version.clone())];
            if let Some(member) = &found.input {
                flatten(model, member, "", &input, &mut pairs);
            }
            request.body = form(&pairs).into();
        }
        Protocol::Json => {
            let target = format!("{}.{operation}", model.target.as_deref().unwrap_or_default());
            request.headers.push(("x-amz-target".into(), target));
            request.body = input.to_string().into();
        }
        Protocol::RestJson => rest(model, found, input, &mut request),
        Protocol::RestXml => rest_xml(model, found, input, &mut request),
    }
    request
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn form(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn flatten(model: &Model, member: &Member, path: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (model.shape(&member.shape), value) {
        (Shape::Structure { members, .. }, Value::Object(fields)) => {
            for (name, field) in fields {
                let inner = members.get(name).unwrap_or_else(|| panic!("no member {name}"));
                let wire = inner.name.as_deref().unwrap_or(name);
                let wire = match (&inner.query_name, model.protocol) {
                    (Some(exact), Protocol::Ec2) => exact.clone(),
                    (None, Protocol::Ec2) => wire[..1].to_uppercase() + &wire[1..],
                    _ => wire.to_owned(),
                };
                flatten(model, inner, &join(&wire), field, pairs);
            }
        }
        (Shape::List { member: inner, .. }, Value::Array(entries)) => {
            let between = if model.protocol == Protocol::Ec2 || member.flattened { "" } else { "member." };
            for (index, entry) in entries.iter().enumerate() {
                flatten(model, inner, &join(&format!("{between}{}", index + 1)), entry, pairs);
            }
        }
        (_, value) => pairs.push((path.to_owned(), text(value))),
    }
}

fn rest(model: &Model, found: &OperationModel, input: Value, request: &mut Request) {
    let Some(Shape::Structure { members, .. }) = found.input.as_ref().map(|input| model.shape(&input.shape))
    else {
        panic!("an input is a structure")
    };
    let mut path = found.uri.clone().unwrap();
    let (mut query, mut body) = (Vec::new(), Map::new());
    for (name, value) in input.as_object().cloned().unwrap() {
        let member = members.get(&name).unwrap_or_else(|| panic!("no member {name}"));
        let wire = member.name.clone().unwrap_or_else(|| name.clone());
        match (member.location.as_deref(), &value) {
            (Some("uri"), value) => path = path.replace(&format!("{{{wire}}}"), &escape(&text(value))),
            (Some("querystring"), Value::Array(entries)) => {
                query.extend(entries.iter().map(|entry| (wire.clone(), text(entry))));
            }
            (Some("querystring"), value) => query.push((wire, text(value))),
            _ => {
                body.insert(wire, value);
            }
        }
    }
    request.path = path;
    request.query = form(&query);
    if !body.is_empty() {
        request.body = Value::Object(body).to_string().into();
    }
}

/// HTTP bindings with an XML body; a body of bytes is given as text.
fn rest_xml(model: &Model, found: &OperationModel, input: Value, request: &mut Request) {
    let uri = found.uri.clone().unwrap();
    let (path, constants) = uri.split_once('?').unwrap_or((&uri, ""));
    let (mut path, mut query) = (path.to_owned(), constants.to_owned());
    let Some(Shape::Structure { members, payload, .. }) =
        found.input.as_ref().map(|input| model.shape(&input.shape))
    else {
        request.path = path;
        return;
    };
    let mut body = String::new();
    for (name, value) in input.as_object().cloned().unwrap() {
        let member = members.get(&name).unwrap_or_else(|| panic!("no member {name}"));
        let wire = member.name.clone().unwrap_or_else(|| name.clone());
        match member.location.as_deref() {
            Some("uri") => {
                let plain = text(&value);
                path = path.replace(&format!("{{{wire}}}"), plain.trim_start_matches("/hostedzone/"));
                path = path.replace(&format!("{{{wire}+}}"), &plain);
            }
            Some("querystring") => query.push_str(&format!("&{wire}={}", escape(&text(&value)))),
            Some("header") => request.headers.push((wire.to_lowercase(), text(&value))),
            _ if payload.as_deref() == Some(&name) && value.is_string() => body = text(&value),
            _ => write_xml(model, member, &wire, &value, &mut body),
        }
    }
    if payload.is_none() && !body.is_empty() {
        body = format!("<Request>{body}</Request>");
    }
    (request.path, request.query, request.body) =
        (path, query.trim_start_matches('&').to_owned(), body.into());
}

fn write_xml(model: &Model, member: &Member, name: &str, value: &Value, out: &mut String) {
    match (model.shape(&member.shape), value) {
        (Shape::List { member: inner, .. }, Value::Array(entries)) if member.flattened => {
            entries.iter().for_each(|entry| write_xml(model, inner, name, entry, out));
        }
        (Shape::List { member: inner, .. }, Value::Array(entries)) => {
            out.push_str(&format!("<{name}>"));
            let wire = inner.name.as_deref().unwrap_or("member");
            entries.iter().for_each(|entry| write_xml(model, inner, wire, entry, out));
            out.push_str(&format!("</{name}>"));
        }
        (Shape::Structure { members, .. }, Value::Object(fields)) => {
            out.push_str(&format!("<{name}>"));
            for (field, value) in fields {
                let inner = members.get(field).unwrap_or_else(|| panic!("no member {field}"));
                write_xml(model, inner, inner.name.as_deref().unwrap_or(field), value, out);
            }
            out.push_str(&format!("</{name}>"));
        }
        (_, value) => out.push_str(&format!("<{name}>{}</{name}>", text(value))),
    }
}

fn decode(model: &Model, found: &OperationModel, reply: &Reply) -> Value {
    let body = std::str::from_utf8(&reply.body).unwrap();
    let Some(output) = &found.output else { return json!({}) };
    match model.protocol {
        Protocol::Json | Protocol::RestJson => serde_json::from_str(body).unwrap_or_else(|_| json!({})),
        Protocol::RestXml if !body.starts_with('<') => json!({}),
        _ => {
            let document = roxmltree::Document::parse(body).unwrap();
            let root = document.root_element();
            let inner = match &found.wrap {
                Some(wrap) => root.children().find(|child| child.tag_name().name() == wrap),
                None => Some(root),
            };
            inner.map_or_else(|| json!({}), |node| from_xml(model, output, node))
        }
    }
}

fn from_xml(model: &Model, member: &Member, node: roxmltree::Node<'_, '_>) -> Value {
    let children = || node.children().filter(roxmltree::Node::is_element);
    match model.shape(&member.shape) {
        Shape::Structure { members, .. } => {
            let mut out = Map::new();
            for (name, inner) in members {
                let wire = inner.name.as_deref().unwrap_or(name);
                if let Some(child) = children().find(|child| child.tag_name().name() == wire) {
                    out.insert(name.clone(), from_xml(model, inner, child));
                }
            }
            Value::Object(out)
        }
        Shape::List { member: inner, .. } => children().map(|child| from_xml(model, inner, child)).collect(),
        Shape::Map { value: inner, .. } => {
            let entry = |child: roxmltree::Node<'_, '_>| {
                let mut parts = child.children().filter(roxmltree::Node::is_element);
                let key = parts.next().and_then(|key| key.text()).unwrap_or_default().to_owned();
                Some((key, from_xml(model, inner, parts.next()?)))
            };
            Value::Object(children().filter_map(entry).collect())
        }
        Shape::Integer(_) | Shape::Long(_) | Shape::Float(_) | Shape::Double(_) => {
            serde_json::from_str(node.text().unwrap_or("null")).unwrap()
        }
        Shape::Boolean(_) => json!(node.text() == Some("true")),
        _ => json!(node.text().unwrap_or_default()),
    }
}

fn refusal(model: &Model, reply: &Reply) -> Refused {
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    let (code, message) = match model.protocol {
        Protocol::Json | Protocol::RestJson => {
            let fields: Value = serde_json::from_str(&body).unwrap();
            (reply.header("x-amzn-errortype").unwrap_or_default().to_owned(), text(&fields["message"]))
        }
        _ => {
            let document = roxmltree::Document::parse(&body).unwrap();
            let find = |name: &str| {
                let node = document.descendants().find(|node| node.tag_name().name() == name);
                node.and_then(|node| node.text()).unwrap_or_default().to_owned()
            };
            (find("Code"), find("Message"))
        }
    };
    Refused { code, status: reply.status, message }
}
