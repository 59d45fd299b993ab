//! From the plain tree of values to run-time objects and back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::collection::{Map, Members, Shape};
use super::list::{Element, List};
use super::native::Native;
use super::object::{Integer, Object};
use super::stack;
use super::text::Text;
use crate::chart::content::Content;
use crate::chart::value::{Odd, Value};

/// How deep lists and maps may nest when they are written out.
pub(crate) const DEPTH: usize = 1_000;

/// How many values one tree may have: what shares its parts can be far larger written out than in memory.
pub(crate) const NODES: usize = 5_000_000;

/// An object that has no plain form: it contains itself, or nests too deeply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value contains itself or nests deeper than {DEPTH} levels, or is too large")]
pub(crate) struct TooDeep;

/// A walk through a tree that is to be written.
struct Walk {
    /// How many values it may still have.
    left: usize,
    nil_is_empty: bool,
}

impl From<&Value> for Object {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nil,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(number) => Self::int64(*number),
            Value::Uint(number) => Self::uint64(*number),
            Value::Float(number) => Self::Float(*number),
            Value::String(text) => Self::from(text.as_str()),
            // JSON's reader, through which values come in, appends item by item.
            Value::List(items) => {
                Self::List(List::collected(Element::Any, 0, items.iter().map(Self::from).collect()))
            }
            Value::Map(members) => Self::Map(Map::any(self::members(members))),
            Value::Odd(odd) => Self::from(&odd.plain()),
        }
    }
}

fn members(map: &crate::chart::value::Object) -> Members {
    map.iter().map(|(key, value)| (Text::from(key.as_str()), Object::from(value))).collect()
}

impl Object {
    /// A map of the type of `.Values` and of the root, whose members are converted.
    pub fn values(value: &Value) -> Self {
        let members = value.as_map().map(members).unwrap_or_default();
        Self::Map(Map::new(Shape::Values, members))
    }

    /// A map of the type of `.Values` and of the root, with the members given.
    pub fn values_of<K: Into<Text>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        let members = members.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self::Map(Map::new(Shape::Values, members))
    }

    /// A `map[string]interface {}` with the members given.
    pub fn map_of<K: Into<Text>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(Map::any(members.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// A `[]interface {}` with the items given.
    pub fn list_of(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A `map[string]string`, such as the annotations of a chart; without members the nil map.
    pub fn text_map<'t>(members: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let members = members.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self::Map(Map::new(Shape::Text, members))
    }

    /// Go's `int`, such as the revision of a release.
    pub fn integer(number: i64) -> Self {
        Self::int(number)
    }

    /// `.Files`: the files of a chart by name.
    pub fn files<K: Into<Text>, D: Into<Content>>(files: impl IntoIterator<Item = (K, D)>) -> Self {
        let members = files.into_iter().map(|(name, data)| (name.into(), Self::Bytes(data.into())));
        Self::Map(Map::new(Shape::Files, members.collect()))
    }

    /// The tree that Go's encoders would see.
    pub(crate) fn to_value(&self) -> Result<Value, TooDeep> {
        self.value_at(0, &mut Walk { left: NODES, nil_is_empty: false })
    }

    /// The tree that go-yaml sees, to which a nil list or map is an empty one.
    pub(crate) fn to_value_for_yaml(&self) -> Result<Value, TooDeep> {
        self.value_at(0, &mut Walk { left: NODES, nil_is_empty: true })
    }

    fn value_at(&self, depth: usize, walk: &mut Walk) -> Result<Value, TooDeep> {
        walk.left = walk.left.checked_sub(1).filter(|_| depth <= DEPTH).ok_or(TooDeep)?;
        Ok(match self {
            Self::Invalid | Self::Nil => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Int(Integer::Uint64, bits) => {
                let number = bits.cast_unsigned();
                i64::try_from(number).map_or(Value::Uint(number), Value::Int)
            }
            Self::Int(_, number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            // Go refuses to encode a complex number; so does `toYaml`, which then gives nothing.
            Self::Complex(..) => return Err(TooDeep),
            Self::Text(text) => match std::str::from_utf8(text.as_bytes()) {
                Ok(text) => Value::from(text),
                Err(_) => Value::Odd(Box::new(Odd::Bytes(text.as_bytes().to_vec()))),
            },
            Self::Bytes(bytes) => Value::String(STANDARD.encode(&**bytes)),
            Self::List(list) if list.is_nil() && !walk.nil_is_empty => Value::Null,
            Self::List(list) => {
                let items = list.items();
                let convert =
                    || items.iter().map(|item| item.value_at(depth + 1, walk)).collect::<Result<_, _>>();
                Value::List(stack::grow(convert)?)
            }
            Self::Map(map) if map.is_nil() && !walk.nil_is_empty => Value::Null,
            Self::Map(map) => {
                let members = map.members();
                let entry = |(key, value): (&Text, &Self)| {
                    Ok((key.as_bytes().to_vec(), value.value_at(depth + 1, walk)?))
                };
                map_of(stack::grow(|| members.iter().map(entry).collect::<Result<_, TooDeep>>())?)
            }
            Self::Native(native) => native_value(native, depth, walk)?,
        })
    }
}

/// A map, which is an odd one if a key is not UTF-8.
fn map_of(members: Vec<(Vec<u8>, Value)>) -> Value {
    if members.iter().any(|(key, _)| std::str::from_utf8(key).is_err()) {
        return Value::Odd(Box::new(Odd::Map(members)));
    }
    let text = |key| String::from_utf8(key).unwrap_or_default();
    Value::Map(members.into_iter().map(|(key, value)| (text(key), value)).collect())
}

fn native_value(native: &Native, depth: usize, walk: &mut Walk) -> Result<Value, TooDeep> {
    match native {
        Native::Version(version) => return Ok(Value::String(version.to_string())),
        Native::Time(time) => {
            return Ok(Value::Odd(Box::new(Odd::Time { standard: time.rfc3339(), toml: time.toml() })));
        }
        _ => {}
    }
    let tagged = |name: &'static str| match (native, name) {
        (Native::HelmVersion(_), "Version") => "version",
        (Native::HelmVersion(_), "GitCommit") => "git_commit",
        (Native::HelmVersion(_), "GitTreeState") => "git_tree_state",
        (Native::HelmVersion(_), "GoVersion") => "go_version",
        (Native::HelmVersion(_), "KubeClientVersion") => "kube_client_version",
        _ => name,
    };
    let mut members = crate::chart::value::Object::new();
    for (name, field) in native.fields() {
        // The commit and the state of the tree are left out when they are empty.
        let empty = field.as_text().is_some_and(Text::is_empty);
        if !(empty && matches!(native, Native::HelmVersion(_)) && name.starts_with("Git")) {
            members.insert(tagged(name).to_owned(), field.value_at(depth + 1, walk)?);
        }
    }
    Ok(Value::Map(members))
}
