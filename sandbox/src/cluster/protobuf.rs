//! Bodies in Protocol Buffers, as kubectl sends what it makes from arguments: the kinds that it makes so and that need
//! no more than a table. Others are refused, and can be sent as JSON (`kubectl create -f`).
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What every body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Flag,
    Number,
    Texts,
    /// A map from texts to texts.
    Map,
    /// A map from texts to bytes.
    Bytes,
    Message(&'static [Field]),
    Messages(&'static [Field]),
}

/// Number, name and content.
type Field = (u64, &'static str, Holds);

/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/generated.proto>
const METADATA: &[Field] = &[
    (1, "name", Holds::Text),
    (2, "generateName", Holds::Text),
    (3, "namespace", Holds::Text),
    (5, "uid", Holds::Text),
    (6, "resourceVersion", Holds::Text),
    (11, "labels", Holds::Map),
    (12, "annotations", Holds::Map),
    (14, "finalizers", Holds::Texts),
];

const REFERENCE: &[Field] = &[(1, "name", Holds::Text)];
const OBJECT: &[Field] = &[(1, "kind", Holds::Text), (2, "namespace", Holds::Text), (3, "name", Holds::Text)];

/// <https://github.com/kubernetes/api/blob/master/authorization/v1/generated.proto>
const ATTRIBUTES: &[Field] = &[
    (1, "namespace", Holds::Text),
    (2, "verb", Holds::Text),
    (3, "group", Holds::Text),
    (5, "resource", Holds::Text),
    (6, "subresource", Holds::Text),
    (7, "name", Holds::Text),
];

/// <https://github.com/kubernetes/api/blob/master/core/v1/generated.proto>
const KINDS: &[(&str, &[Field])] = &[
    (
        "ConfigMap",
        &[
            (1, "metadata", Holds::Message(METADATA)),
            (2, "data", Holds::Map),
            (3, "binaryData", Holds::Bytes),
            (4, "immutable", Holds::Flag),
        ],
    ),
    (
        "Namespace",
        &[
            (1, "metadata", Holds::Message(METADATA)),
            (2, "spec", Holds::Message(&[(1, "finalizers", Holds::Texts)])),
        ],
    ),
    (
        "Secret",
        &[
            (1, "metadata", Holds::Message(METADATA)),
            (2, "data", Holds::Bytes),
            (3, "type", Holds::Text),
            (4, "stringData", Holds::Map),
            (5, "immutable", Holds::Flag),
        ],
    ),
    (
        "ServiceAccount",
        &[
            (1, "metadata", Holds::Message(METADATA)),
            (2, "secrets", Holds::Messages(OBJECT)),
            (3, "imagePullSecrets", Holds::Messages(REFERENCE)),
            (4, "automountServiceAccountToken", Holds::Flag),
        ],
    ),
    ("SelfSubjectReview", &[(1, "metadata", Holds::Message(METADATA))]),
    (
        "SelfSubjectAccessReview",
        &[(2, "spec", Holds::Message(&[(1, "resourceAttributes", Holds::Message(ATTRIBUTES))]))],
    ),
    (
        "DeleteOptions",
        &[
            (1, "gracePeriodSeconds", Holds::Number),
            (
                2,
                "preconditions",
                Holds::Message(&[(1, "uid", Holds::Text), (2, "resourceVersion", Holds::Text)]),
            ),
            (4, "propagationPolicy", Holds::Text),
        ],
    ),
];

/// A value on the wire.
enum Wire<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// The next field of a message: its number and its value.
fn next<'b>(bytes: &mut &'b [u8]) -> Option<(u64, Wire<'b>)> {
    let key = varint(bytes)?;
    let value = match key & 7 {
        0 => Wire::Number(varint(bytes)?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Wire::Bytes(value)
        }
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Reads a body; nothing for what is none, or of a kind that is not in the table.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    let mut rest = body.strip_prefix(MAGIC)?;
    let (mut version, mut kind, mut raw) = (String::new(), String::new(), &b""[..]);
    while !rest.is_empty() {
        match next(&mut rest)? {
            (1, Wire::Bytes(mut meta)) => {
                while !meta.is_empty() {
                    match next(&mut meta)? {
                        (1, Wire::Bytes(text)) => version = String::from_utf8(text.to_vec()).ok()?,
                        (2, Wire::Bytes(text)) => kind = String::from_utf8(text.to_vec()).ok()?,
                        _ => {}
                    }
                }
            }
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let (_, fields) = KINDS.iter().find(|(name, _)| *name == kind)?;
    let mut object = message(raw, fields)?;
    object["apiVersion"] = version.into();
    object["kind"] = kind.into();
    Some(object)
}

fn message(mut bytes: &[u8], fields: &'static [Field]) -> Option<Value> {
    let mut object = Map::new();
    while !bytes.is_empty() {
        let (number, value) = next(&mut bytes)?;
        let Some((_, name, holds)) = fields.iter().find(|(known, ..)| *known == number) else { continue };
        let place = object.entry(*name).or_insert(Value::Null);
        match (holds, value) {
            (Holds::Text, Wire::Bytes(text)) => *place = std::str::from_utf8(text).ok()?.into(),
            (Holds::Flag, Wire::Number(number)) => *place = (number != 0).into(),
            (Holds::Number, Wire::Number(number)) => *place = number.into(),
            (Holds::Message(inside), Wire::Bytes(bytes)) => *place = message(bytes, inside)?,
            (Holds::Texts, Wire::Bytes(text)) => push(place, std::str::from_utf8(text).ok()?.into()),
            (Holds::Messages(inside), Wire::Bytes(bytes)) => push(place, message(bytes, inside)?),
            (Holds::Map, Wire::Bytes(bytes)) => {
                entry(place, bytes, |value| std::str::from_utf8(value).ok().map(str::to_owned))?;
            }
            (Holds::Bytes, Wire::Bytes(bytes)) => {
                entry(place, bytes, |value| Some(STANDARD.encode(value)))?;
            }
            _ => return None,
        }
    }
    // An empty text is one that is not there.
    object.retain(|_, value| !value.is_null() && *value != "");
    Some(Value::Object(object))
}

fn push(place: &mut Value, item: Value) {
    match place.as_array_mut() {
        Some(items) => items.push(item),
        None => *place = json!([item]),
    }
}

/// An entry of a map: a message of a key and a value.
fn entry(place: &mut Value, mut bytes: &[u8], read: impl Fn(&[u8]) -> Option<String>) -> Option<()> {
    let (mut key, mut value) = (String::new(), String::new());
    while !bytes.is_empty() {
        match next(&mut bytes)? {
            (1, Wire::Bytes(text)) => key = String::from_utf8(text.to_vec()).ok()?,
            (2, Wire::Bytes(bytes)) => value = read(bytes)?,
            _ => {}
        }
    }
    if !place.is_object() {
        *place = json!({});
    }
    place[key] = value.into();
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(bytes.len()).unwrap();
        [&[number << 3 | 2, length][..], bytes].concat()
    }

    #[test]
    fn a_map_is_read_and_what_is_cut_or_unknown_is_not() {
        let of = |kind: &str, raw: &[u8]| {
            let meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
            [MAGIC.to_vec(), field(1, &meta), field(2, raw)].concat()
        };
        let pair = [field(1, b"k"), field(2, b"v")].concat();
        let raw = [field(1, &field(1, b"name")), field(2, &pair)].concat();
        let body = of("ConfigMap", &raw);
        let expected = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "name" }, "data": { "k": "v" } });
        assert_eq!(read(&body), Some(expected));
        let secret = read(&of("Secret", &raw)).unwrap();
        assert_eq!(secret["data"]["k"], "dg==");
        assert_eq!(read(&of("Deployment", &raw)), None);
        assert_eq!(read(&body[..body.len() - 2]), None);
        assert_eq!(read(b"{}"), None);
    }
}
