//! HTTP bindings: which operation a method and a path mean, and what travels outside the body.

use std::collections::BTreeMap;

use serde_json::Value;

use super::failure::Failure;
use super::input::{Input, Kind};
use super::message::{Reply, Request, decode_path};
use super::model::{Member, Model, OperationModel, Protocol, Shape};
use super::scalar::{self, Moment};
use super::{json, xml};

/// An operation found by its path, with the labels of its URI template.
pub(super) struct Match {
    pub(super) name: &'static str,
    pub(super) operation: &'static OperationModel,
    labels: BTreeMap<String, String>,
}

/// Finds the operation that a request means: the most constrained template that fits.
pub(super) fn find(model: &'static Model, request: &Request) -> Option<Match> {
    let query = request.query_pairs();
    let mut best: Option<(usize, Match)> = None;
    for (name, operation) in &model.operations {
        let (Some(method), Some(uri)) = (&operation.method, &operation.uri) else { continue };
        if *method != request.method {
            continue;
        }
        let (path, constants) = uri.split_once('?').unwrap_or((uri, ""));
        let Some((literals, labels)) = match_path(path, &request.path) else { continue };
        let constants: Vec<_> = constants.split('&').filter(|part| !part.is_empty()).collect();
        let fits = constants.iter().all(|constant| {
            let (key, value) = constant.split_once('=').unwrap_or((constant, ""));
            query.iter().any(|(k, v)| k == key && (value.is_empty() || v == value))
        });
        if !fits {
            continue;
        }
        let bound = bound_elsewhere(model, operation, request, &query);
        // Literals in the path weigh most, then constants of the query, then required parameters that are there.
        let Some(bound) = bound else { continue };
        let weight = literals * 100 + constants.len() * 10 + bound;
        if best.as_ref().is_none_or(|(heaviest, _)| weight > *heaviest) {
            best = Some((weight, Match { name, operation, labels }));
        }
    }
    best.map(|(_, found)| found)
}

/// How many required members in the query and the headers are there; `None` when one is missing although another
/// operation may share the path (S3 tells UploadPart from PutObject by `partNumber`, CopyObject by its header).
fn bound_elsewhere(
    model: &Model,
    operation: &OperationModel,
    request: &Request,
    query: &[(String, String)],
) -> Option<usize> {
    if model.service != "s3" {
        return Some(0);
    }
    let Some(input) = &operation.input else { return Some(0) };
    let Shape::Structure { members, required, .. } = model.shape(&input.shape) else { return Some(0) };
    let mut count = 0;
    for name in required {
        let member = members.get(name)?;
        let wire = member.name.as_deref().unwrap_or(name);
        let there = match member.location.as_deref() {
            Some("querystring") => query.iter().any(|(key, _)| key == wire),
            Some("header") => request.header(&wire.to_lowercase()).is_some(),
            _ => continue,
        };
        if !there {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// Matches a template such as `/clusters/{name}/updates` or `/{Bucket}/{Key+}`; gives the number of literal parts.
fn match_path(template: &str, path: &str) -> Option<(usize, BTreeMap<String, String>)> {
    let mut labels = BTreeMap::new();
    let mut literals = 0;
    let mut rest = path.trim_start_matches('/');
    let parts: Vec<&str> = template.trim_start_matches('/').split('/').collect();
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        if let Some(label) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            if let Some(greedy) = label.strip_suffix('+') {
                // Greedy labels end the template in every model, or are followed by literals only.
                let tail = parts[index + 1..].join("/");
                let value = if last { rest } else { rest.strip_suffix(&tail)?.strip_suffix('/')? };
                labels.insert(greedy.to_owned(), decode_path(value));
                return (!value.is_empty()).then_some((literals, labels));
            }
            let (value, tail) = rest.split_once('/').unwrap_or((rest, ""));
            if value.is_empty() {
                return None;
            }
            labels.insert(label.to_owned(), decode_path(value));
            rest = tail;
        } else {
            let (value, tail) = rest.split_once('/').unwrap_or((rest, ""));
            if value != *part {
                return None;
            }
            literals += usize::from(!part.is_empty());
            rest = tail;
        }
    }
    rest.is_empty().then_some((literals, labels))
}

/// Decodes a request to a tree of the operation's input type.
pub(super) fn decode(model: &'static Model, found: &Match, request: &Request) -> Result<Input, Failure> {
    let Some(input) = &found.operation.input else {
        return Ok(Input::new(Kind::Structure(nothing(), Vec::new())));
    };
    let Shape::Structure { members: known, payload, .. } = model.shape(&input.shape) else {
        return Err(Failure::internal("an input is a structure"));
    };
    let mut members = outside_body(model, known, found, request)?;
    match payload.as_deref().and_then(|name| known.get_key_value(name)) {
        Some((name, member)) => {
            if let Some(value) = payload_body(model, member, request)? {
                members.push((name.as_str(), value));
            }
        }
        None if !request.body.is_empty() && known.values().any(|member| member.location.is_none()) => {
            if let Kind::Structure(_, inside) = body(model, model.shape(&input.shape), request)?.kind {
                members.extend(inside);
            }
        }
        None => {}
    }
    Ok(Input::new(Kind::Structure(known, members)))
}

fn nothing() -> &'static BTreeMap<String, Member> {
    static NOTHING: BTreeMap<String, Member> = BTreeMap::new();
    &NOTHING
}

type Members = Vec<(&'static str, Input)>;

fn outside_body(
    model: &'static Model,
    known: &'static BTreeMap<String, Member>,
    found: &Match,
    request: &Request,
) -> Result<Members, Failure> {
    let query = request.query_pairs();
    let mut members = Vec::new();
    let mut bound: Vec<&str> = Vec::new();
    for (name, member) in known {
        let wire = member.name.as_deref().unwrap_or(name);
        let shape = model.shape(&member.shape);
        let values: Vec<String> = match member.location.as_deref() {
            Some("uri") => found.labels.get(wire).cloned().into_iter().collect(),
            Some("querystring") => {
                bound.push(wire);
                query.iter().filter(|(key, _)| key == wire).map(|(_, value)| value.clone()).collect()
            }
            Some("header") => request.header(&wire.to_lowercase()).map(str::to_owned).into_iter().collect(),
            Some("headers") => {
                let entries = prefixed(request, wire);
                if !entries.is_empty() {
                    members.push((name.as_str(), Input::new(Kind::Map(entries))));
                }
                continue;
            }
            _ => continue,
        };
        if values.is_empty() {
            continue;
        }
        members.push((name.as_str(), outside_value(model, shape, name, &values)?));
    }
    let constants =
        found.operation.uri.as_deref().and_then(|uri| uri.split_once('?')).map_or("", |(_, tail)| tail);
    let known_constant = |key: &str| {
        constants.split('&').any(|constant| constant.split('=').next() == Some(key)) || key == "x-id"
    };
    let maps_the_rest = known.values().any(|m| {
        m.location.as_deref() == Some("querystring") && matches!(model.shape(&m.shape), Shape::Map { .. })
    });
    let stray = query
        .iter()
        .map(|(key, _)| key.as_str())
        .find(|key| !bound.contains(key) && !known_constant(key) && !key.starts_with("X-Amz-"));
    match stray {
        Some(stray) if !maps_the_rest => Err(Failure::unmodelled(format!("the query parameter {stray}"))),
        _ => Ok(members),
    }
}

fn outside_value(
    model: &'static Model,
    shape: &'static Shape,
    name: &str,
    values: &[String],
) -> Result<Input, Failure> {
    let read = |shape: &Shape, text: &str| {
        scalar::read(shape, text)
            .ok_or_else(|| Failure::new("InvalidArgument", format!("{text} is no value for {name}")))
    };
    match shape {
        Shape::List { member, .. } => {
            let shape = model.shape(&member.shape);
            let parts = values.iter().flat_map(|value| value.split(',')).map(str::trim);
            Ok(Input::new(Kind::List(parts.map(|part| read(shape, part)).collect::<Result<_, _>>()?)))
        }
        shape => read(shape, &values[0]),
    }
}

fn prefixed(request: &Request, prefix: &str) -> Vec<(String, Input)> {
    let prefix = prefix.to_lowercase();
    request
        .headers
        .iter()
        .filter_map(|(key, value)| {
            let rest = key.strip_prefix(&prefix)?;
            Some((rest.to_owned(), Input::new(Kind::Text(value.clone()))))
        })
        .collect()
}

fn payload_body(
    model: &'static Model,
    member: &'static Member,
    request: &Request,
) -> Result<Option<Input>, Failure> {
    match model.shape(&member.shape) {
        Shape::Blob(_) => Ok(Some(Input::new(Kind::Blob(request.body.clone())))),
        Shape::String(_) => {
            Ok(Some(Input::new(Kind::Text(String::from_utf8_lossy(&request.body).into_owned()))))
        }
        _ if request.body.is_empty() => Ok(None),
        shape => body(model, shape, request).map(Some),
    }
}

fn body(model: &'static Model, shape: &'static Shape, request: &Request) -> Result<Input, Failure> {
    if model.protocol == Protocol::RestJson {
        let value = serde_json::from_slice(&request.body)
            .map_err(|error| Failure::new("SerializationException", format!("no JSON: {error}")))?;
        return json::decode(model, shape, value, "");
    }
    let malformed = |error: &dyn std::fmt::Display| Failure::new("MalformedXML", format!("no XML: {error}"));
    let text = std::str::from_utf8(&request.body).map_err(|error| malformed(&error))?;
    let document = roxmltree::Document::parse(text).map_err(|error| malformed(&error))?;
    xml::decode(model, shape, document.root_element())
}

/// Moves what is bound to headers and to the status out of the output tree into the reply.
pub(super) fn bind_output(
    model: &Model,
    member: &Member,
    tree: &Value,
    reply: &mut Reply,
) -> Result<(), Failure> {
    let Shape::Structure { members, .. } = model.shape(&member.shape) else { return Ok(()) };
    let Value::Object(fields) = tree else { return Ok(()) };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let Some(inner) = members.get(name) else { return Err(json::unknown(member, name)) };
        let wire = inner.name.as_deref().unwrap_or(name);
        match inner.location.as_deref() {
            Some("statusCode") => {
                reply.status =
                    value.as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(reply.status);
            }
            Some("headers") => {
                for (key, text) in value.as_object().into_iter().flatten() {
                    let key = format!("{wire}{key}").to_lowercase();
                    reply.headers.push((key, text.as_str().unwrap_or_default().to_owned()));
                }
            }
            Some(_) => {
                let shape = model.shape(&inner.shape);
                let spelling = Moment::of(inner, shape, Moment::Http);
                let text = scalar::write(shape, value, spelling)
                    .ok_or_else(|| Failure::internal(format!("{value} at {name} is no {}", inner.shape)))?;
                reply.headers.push((wire.to_lowercase(), text));
            }
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::match_path;

    #[test]
    fn templates_match_labels_and_greedy_labels() {
        assert_eq!(match_path("/clusters", "/clusters").map(|(n, _)| n), Some(1));
        let (_, labels) = match_path("/clusters/{name}/updates/{id}", "/clusters/a%2Fb/updates/u").unwrap();
        assert_eq!((labels["name"].as_str(), labels["id"].as_str()), ("a/b", "u"));
        let (_, labels) = match_path("/{Bucket}/{Key+}", "/state/dev/a.json").unwrap();
        assert_eq!((labels["Bucket"].as_str(), labels["Key"].as_str()), ("state", "dev/a.json"));
        assert!(match_path("/{Bucket}/{Key+}", "/state").is_none());
        assert!(match_path("/clusters/{name}", "/clusters").is_none());
        assert!(match_path("/clusters/{name}", "/clusters/a/b").is_none());
    }
}
