//! JSON bodies, both ways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::input::{Input, Kind};
use super::model::{Member, Model, Shape};
use super::scalar;

/// Decodes a JSON value to a tree of `shape`.
pub(super) fn decode(
    model: &'static Model,
    shape: &'static Shape,
    value: Value,
    path: &str,
) -> Result<Input, Failure> {
    let wrong = |found: &Value| {
        let code = if model.protocol == super::model::Protocol::Json {
            "SerializationException"
        } else {
            "BadRequest"
        };
        Failure::new(code, format!("unexpected {found} at {path}"))
    };
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    Ok(Input::new(match (shape, value) {
        (Shape::Structure { .. }, Value::Object(fields)) => return structure(model, shape, fields, path),
        (Shape::List { member, .. }, Value::Array(entries)) => Kind::List(
            entries
                .into_iter()
                .enumerate()
                .map(|(index, entry)| {
                    decode(model, model.shape(&member.shape), entry, &inside(&(index + 1).to_string()))
                })
                .collect::<Result<_, _>>()?,
        ),
        (Shape::Map { value: member, .. }, Value::Object(fields)) => Kind::Map(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| {
                    let decoded = decode(model, model.shape(&member.shape), value, &inside(&key))?;
                    Ok((key, decoded))
                })
                .collect::<Result<_, Failure>>()?,
        ),
        (Shape::String(_), Value::String(text)) => Kind::Text(text),
        (Shape::Integer(_) | Shape::Long(_), Value::Number(number)) => {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53 was checked")]
            let whole = number.as_i64().or_else(|| {
                number
                    .as_f64()
                    .filter(|float| float.fract() == 0.0 && float.abs() < 9e15)
                    .map(|float| float as i64)
            });
            Kind::Integer(whole.ok_or_else(|| wrong(&Value::Number(number)))?)
        }
        (Shape::Float(_) | Shape::Double(_), Value::Number(number)) => {
            Kind::Number(number.as_f64().unwrap_or(0.0))
        }
        (Shape::Boolean(_), Value::Bool(flag)) => Kind::Flag(flag),
        (Shape::Blob(_), Value::String(text)) => {
            Kind::Blob(STANDARD.decode(&text).map_err(|_| wrong(&Value::String(text)))?.into())
        }
        (Shape::Timestamp(_), Value::Number(number)) => {
            return scalar::read(shape, &number.to_string()).ok_or_else(|| wrong(&Value::Number(number)));
        }
        (Shape::Timestamp(_), Value::String(text)) => {
            return scalar::read(shape, &text).ok_or_else(|| wrong(&Value::String(text)));
        }
        (_, other) => return Err(wrong(&other)),
    }))
}

fn structure(
    model: &'static Model,
    shape: &'static Shape,
    mut fields: Map<String, Value>,
    path: &str,
) -> Result<Input, Failure> {
    let Shape::Structure { members: known, .. } = shape else {
        return Err(Failure::internal("a structure was expected"));
    };
    let mut members = Vec::new();
    for (name, member) in known {
        let wire = wire_name(member, name);
        let inside = if path.is_empty() { wire.to_owned() } else { format!("{path}.{wire}") };
        match fields.swap_remove(wire) {
            None | Some(Value::Null) => {}
            Some(value) => {
                members.push((name.as_str(), decode(model, model.shape(&member.shape), value, &inside)?));
            }
        }
    }
    if let Some(unknown) = fields.keys().next() {
        let inside = if path.is_empty() { unknown.clone() } else { format!("{path}.{unknown}") };
        return Err(Failure::unmodelled(format!("the member {inside}")));
    }
    Ok(Input::new(Kind::Structure(known, members)))
}

fn wire_name<'m>(member: &'m Member, name: &'m str) -> &'m str {
    if member.location.is_some() { name } else { member.name.as_deref().unwrap_or(name) }
}

/// Encodes an output tree of `shape`; moments stay seconds, or become text where the type says so.
pub(super) fn encode(model: &Model, member: &Member, value: &Value) -> Result<Value, Failure> {
    let shape = model.shape(&member.shape);
    match (shape, value) {
        (Shape::Structure { members, .. }, Value::Object(fields)) => {
            let mut out = Map::new();
            for (name, field) in fields {
                let inner = members.get(name).ok_or_else(|| unknown(member, name))?;
                if !field.is_null() && inner.location.is_none() {
                    out.insert(wire_name(inner, name).to_owned(), encode(model, inner, field)?);
                }
            }
            Ok(Value::Object(out))
        }
        (Shape::List { member: inner, .. }, Value::Array(entries)) => {
            entries.iter().map(|entry| encode(model, inner, entry)).collect()
        }
        (Shape::Map { value: inner, .. }, Value::Object(fields)) => Ok(Value::Object(
            fields
                .iter()
                .map(|(key, field)| Ok((key.clone(), encode(model, inner, field)?)))
                .collect::<Result<_, Failure>>()?,
        )),
        (Shape::Timestamp(_), Value::Number(seconds)) => {
            match scalar::Moment::of(member, shape, scalar::Moment::Unix) {
                scalar::Moment::Unix => Ok(value.clone()),
                spelling => Ok(Value::from(spelling.write(seconds.as_f64().unwrap_or(0.0)))),
            }
        }
        (scalar, value) => match scalar::write(scalar, value, scalar::Moment::Unix) {
            Some(_) => Ok(value.clone()),
            None => Err(Failure::internal(format!("{value} is no {}", member.shape))),
        },
    }
}

/// Our mistake: an operation answered a member that the output type does not have.
pub(super) fn unknown(member: &Member, name: &str) -> Failure {
    Failure::internal(format!("{} has no member {name}", member.shape))
}
