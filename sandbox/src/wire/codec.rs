//! One door to the five protocols: a request becomes an operation and its input, an answer becomes a reply.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::input::{Input, Kind};
use super::message::{Reply, Request};
use super::model::{Member, Model, OperationModel, Protocol, Shape};
use super::{chunked, form, json as json_body, rest, tree, xml};

/// A decoded call.
pub struct Decoded {
    /// The operation's name.
    pub operation: &'static str,
    /// Its model.
    pub model: &'static OperationModel,
    /// Its input.
    pub input: Input,
}

/// What an operation answers: a tree of its output type and, where the body is a stream, its bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The output members.
    pub tree: Value,
    /// The payload member, if that is bytes.
    pub payload: Option<Bytes>,
    /// The HTTP status, where it is not the model's (a part of an object: 206).
    pub status: Option<u16>,
}

impl From<Value> for Answer {
    fn from(tree: Value) -> Self {
        Self { tree, payload: None, status: None }
    }
}

impl Answer {
    /// An answer without any member.
    pub fn empty() -> Self {
        json!({}).into()
    }

    /// An answer whose body is bytes.
    pub fn with_payload(tree: Value, payload: Bytes) -> Self {
        Self { tree, payload: Some(payload), status: None }
    }
}

/// The name of the operation that a request asks of a service, and its model if there is one.
pub fn operation_name(model: &'static Model, request: &Request) -> Result<String, Failure> {
    match model.protocol {
        Protocol::Ec2 | Protocol::Query => request
            .form()
            .into_iter()
            .find(|(name, _)| name == "Action")
            .map(|(_, action)| action)
            .ok_or_else(|| Failure::new("MissingAction", "The request must contain the parameter Action")),
        Protocol::Json => request
            .header("x-amz-target")
            .and_then(|target| target.rsplit_once('.'))
            .map(|(_, operation)| operation.to_owned())
            .ok_or_else(|| Failure::new("UnknownOperationException", "The header X-Amz-Target is missing")),
        Protocol::RestJson | Protocol::RestXml => Ok(rest::find(model, request)
            .map_or_else(|| format!("{} {}", request.method, request.path), |found| found.name.to_owned())),
    }
}

/// Decodes a request to one of the service's operations.
///
/// # Errors
/// A 501 for an operation or a parameter that the model does not have; the protocol's own error for a request
/// that cannot be read.
pub fn decode(model: &'static Model, request: &Request) -> Result<Decoded, Failure> {
    let name = operation_name(model, request)?;
    let Some((operation, found)) = model.operations.get_key_value(&name) else {
        return Err(Failure::unmodelled(format!("the operation {}:{name}", model.service)));
    };
    let nothing = || {
        static NONE: std::collections::BTreeMap<String, Member> = std::collections::BTreeMap::new();
        Input::new(Kind::Structure(&NONE, Vec::new()))
    };
    let input = match (model.protocol, &found.input) {
        (Protocol::Ec2 | Protocol::Query, Some(member)) => form::decode(model, member, request.form())?,
        (Protocol::Json, Some(member)) => {
            let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
            let value: Value = serde_json::from_slice(body)
                .map_err(|error| Failure::new("SerializationException", format!("no JSON: {error}")))?;
            json_body::decode(model, model.shape(&member.shape), value, "")?
        }
        (Protocol::RestJson | Protocol::RestXml, _) => {
            let matched = rest::find(model, request)
                .ok_or_else(|| Failure::internal("the operation was found a moment ago"))?;
            rest::decode(model, &matched, &unchunked(request)?)?
        }
        (_, None) => nothing(),
    };
    Ok(Decoded { operation, model: found, input })
}

/// The call of an operation with input that was never on the wire, by model names.
///
/// # Errors
/// An internal failure for an operation or a member that the model does not have.
pub(crate) fn decode_tree(model: &'static Model, name: &str, input: Value) -> Result<Decoded, Failure> {
    let unknown = || Failure::internal(format!("there is no operation {}:{name}", model.service));
    let (operation, found) = model.operations.get_key_value(name).ok_or_else(unknown)?;
    let member = found.input.as_ref().ok_or_else(unknown)?;
    let input = tree::decode(model, model.shape(&member.shape), input)?;
    Ok(Decoded { operation, model: found, input })
}

/// Undoes the `aws-chunked` encoding where a request has it.
fn unchunked(request: &Request) -> Result<Request, Failure> {
    let chunked = request.header("content-encoding").is_some_and(|value| value.contains("aws-chunked"))
        || request.header("x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"));
    let mut request = request.clone();
    if chunked {
        request.body = chunked::decode(&request.body)
            .ok_or_else(|| Failure::new("IncompleteBody", "The chunks of the request body cannot be read"))?;
        for (key, value) in &mut request.headers {
            if key == "content-encoding" {
                *value = value.replace("aws-chunked,", "").replace("aws-chunked", "").trim().to_owned();
            }
        }
        request.headers.retain(|(key, value)| key != "content-encoding" || !value.is_empty());
    }
    Ok(request)
}

/// Encodes an answer as the operation's reply.
///
/// # Errors
/// An internal failure when the answer does not fit the output type: our mistake, shown instead of hidden.
pub fn encode(model: &Model, operation: &str, answer: &Answer, request_id: &str) -> Result<Reply, Failure> {
    let found = &model.operations[operation];
    match model.protocol {
        Protocol::Ec2 | Protocol::Query => {
            let mut out = String::new();
            let namespace = namespace(model);
            if model.protocol == Protocol::Ec2 {
                out.push_str(&format!("<{operation}Response{namespace}><requestId>{request_id}</requestId>"));
                if let Some(output) = &found.output {
                    xml::members(model, output, &answer.tree, &mut out)?;
                }
            } else {
                out.push_str(&format!("<{operation}Response{namespace}>"));
                if let Some(output) = &found.output {
                    let wrap = found.wrap.clone().unwrap_or_else(|| format!("{operation}Result"));
                    xml::open(&mut out, &wrap, "");
                    xml::members(model, output, &answer.tree, &mut out)?;
                    xml::close(&mut out, &wrap);
                }
                out.push_str(&format!(
                    "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
                ));
            }
            out.push_str(&format!("</{operation}Response>"));
            Ok(Reply::new(200, "text/xml;charset=UTF-8", document(&out)).with("x-amzn-requestid", request_id))
        }
        Protocol::Json => {
            let body = match &found.output {
                Some(output) => json_body::encode(model, output, &answer.tree)?.to_string(),
                None => String::new(),
            };
            Ok(Reply::new(200, &json_type(model), body).with("x-amzn-requestid", request_id))
        }
        Protocol::RestJson | Protocol::RestXml => rest_reply(model, found, answer, request_id),
    }
}

fn rest_reply(
    model: &Model,
    found: &OperationModel,
    answer: &Answer,
    request_id: &str,
) -> Result<Reply, Failure> {
    let is_json = model.protocol == Protocol::RestJson;
    let content_type = if is_json { "application/json" } else { "application/xml" };
    let header = if is_json { "x-amzn-requestid" } else { "x-amz-request-id" };
    let mut reply = Reply { status: answer.status.or(found.status).unwrap_or(200), ..Reply::default() }
        .with(header, request_id);
    let Some(output) = &found.output else { return Ok(reply) };
    rest::bind_output(model, output, &answer.tree, &mut reply)?;
    let Shape::Structure { members, payload, .. } = model.shape(&output.shape) else { return Ok(reply) };
    let body: Bytes = match payload.as_deref() {
        Some(name) => {
            let member = members.get(name).ok_or_else(|| Failure::internal("the payload is a member"))?;
            let scalar = matches!(model.shape(&member.shape), Shape::Blob(_) | Shape::String(_));
            match (answer.tree.get(name), &answer.payload) {
                (_, Some(bytes)) => bytes.clone(),
                (Some(Value::String(text)), None) if scalar => text.clone().into(),
                (Some(tree), None) if is_json => json_body::encode(model, member, tree)?.to_string().into(),
                (Some(tree), None) => {
                    let mut out = String::new();
                    let element = member.name.as_deref().unwrap_or(&member.shape);
                    xml::element(model, member, element, tree, &mut out)?;
                    document(&out).into()
                }
                (None, None) => Bytes::new(),
            }
        }
        None if is_json => json_body::encode(model, output, &answer.tree)?.to_string().into(),
        None if members.values().all(|member| member.location.is_some()) => Bytes::new(),
        None => {
            let mut out = String::new();
            let root = root_element(model, output);
            xml::open(&mut out, root, &namespace(model));
            xml::members(model, output, &answer.tree, &mut out)?;
            xml::close(&mut out, root);
            document(&out).into()
        }
    };
    reply.body = body;
    if !reply.body.is_empty() && reply.header("content-type").is_none() {
        reply.headers.push(("content-type".into(), content_type.into()));
    }
    Ok(reply)
}

/// S3 names its result elements without the `Output` of the type, or otherwise; the Rust SDK insists on the name.
fn root_element<'m>(model: &'m Model, output: &'m Member) -> &'m str {
    let name = output.name.as_deref().unwrap_or(&output.shape);
    if model.service != "s3" {
        return name;
    }
    match name {
        "GetBucketLifecycleConfigurationOutput" => "LifecycleConfiguration",
        "GetBucketTaggingOutput" | "GetObjectTaggingOutput" => "Tagging",
        "GetBucketVersioningOutput" => "VersioningConfiguration",
        "ListBucketsOutput" => "ListAllMyBucketsResult",
        "ListObjectVersionsOutput" => "ListVersionsResult",
        "ListObjectsV2Output" | "ListObjectsOutput" => "ListBucketResult",
        "ListPartsOutput" => "ListPartsResult",
        "DeleteObjectsOutput" => "DeleteResult",
        "CreateMultipartUploadOutput" => "InitiateMultipartUploadResult",
        "CompleteMultipartUploadOutput" => "CompleteMultipartUploadResult",
        "ListMultipartUploadsOutput" => "ListMultipartUploadsResult",
        other => other.strip_suffix("Output").unwrap_or(other),
    }
}

fn namespace(model: &Model) -> String {
    let uri = match (&model.namespace, model.protocol, model.service.as_str()) {
        (Some(uri), ..) => uri.clone(),
        (None, Protocol::Ec2, _) => format!("http://ec2.amazonaws.com/doc/{}/", model.version),
        (None, _, "s3") => "http://s3.amazonaws.com/doc/2006-03-01/".to_owned(),
        (None, _, "route53") => format!("https://route53.amazonaws.com/doc/{}/", model.version),
        (None, ..) => return String::new(),
    };
    format!(" xmlns=\"{uri}\"")
}

fn document(body: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}")
}

fn json_type(model: &Model) -> String {
    format!("application/x-amz-json-{}", model.json.as_deref().unwrap_or("1.1"))
}

/// Encodes a refusal in the protocol's exact shape.
pub fn encode_failure(model: &Model, failure: &Failure, request_id: &str) -> Reply {
    let known = model.error(&failure.code);
    let code = known.map_or(failure.code.as_str(), |error| error.code.as_str());
    let status = failure.status.unwrap_or_else(|| known.map_or(400, |error| error.status));
    let sender = status < 500 && !known.is_some_and(|error| error.fault);
    let text = xml::escape(&failure.message);
    let request = format!("<RequestId>{request_id}</RequestId>");
    let reply = |body: String| Reply::new(status, "text/xml;charset=UTF-8", document(&body));
    match model.protocol {
        Protocol::Ec2 => reply(format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors>\
             <RequestID>{request_id}</RequestID></Response>"
        ))
        .with("x-amzn-requestid", request_id),
        Protocol::RestXml if model.service == "s3" => {
            let mut more = String::new();
            for (name, value) in &failure.members {
                let value = xml::escape(value.as_str().unwrap_or_default());
                more.push_str(&format!("<{name}>{value}</{name}>"));
            }
            let body = format!("<Error><Code>{code}</Code><Message>{text}</Message>{more}{request}</Error>");
            Reply::new(status, "application/xml", document(&body)).with("x-amz-request-id", request_id)
        }
        Protocol::Query | Protocol::RestXml => {
            let kind = if sender { "Sender" } else { "Receiver" };
            let namespace = namespace(model);
            reply(format!(
                "<ErrorResponse{namespace}><Error><Type>{kind}</Type><Code>{code}</Code><Message>{text}</Message>\
                 </Error>{request}</ErrorResponse>"
            ))
            .with("x-amzn-requestid", request_id)
        }
        Protocol::Json | Protocol::RestJson => json_failure(model, failure, (code, status), request_id),
    }
}

fn json_failure(model: &Model, failure: &Failure, (code, status): (&str, u16), request_id: &str) -> Reply {
    let mut fields = Map::new();
    if model.protocol == Protocol::Json {
        fields.insert("__type".into(), code.into());
    }
    fields.insert("message".into(), failure.message.as_str().into());
    fields.extend(failure.members.clone());
    let content_type =
        if model.protocol == Protocol::Json { json_type(model) } else { "application/json".to_owned() };
    Reply::new(status, &content_type, Value::Object(fields).to_string())
        .with("x-amzn-requestid", request_id)
        .with("x-amzn-errortype", code)
}
