//! The tree that chart values, manifests and template data are made of.
//!
//! It is Go's `map[string]any` as Helm sees it: owned, ordered by key, and with the number types kept
//! apart, because templates print an integer and a float differently (`1000000` against `1e+06`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::template::lossy;

/// A map with its keys in byte order, the order in which Go's templates range over a map.
pub type Object = BTreeMap<String, Value>;

/// One node of the tree.
///
/// Numbers from a values file are [`Value::Float`], whatever they look like, because Helm reads values
/// through JSON; `--set` and template arithmetic give [`Value::Int`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// YAML's and JSON's null, Go's nil.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer (Go's `int` and `int64`).
    Int(i64),
    /// An unsigned integer that does not fit [`Value::Int`].
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping with text keys.
    Map(Object),
    /// What only a template can make and only some formats can tell from plain values.
    Odd(Box<Odd>),
}

/// A value beyond JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Odd {
    /// A point in time.
    Time {
        /// As RFC 3339 has it.
        standard: String,
        /// As TOML has it: a date or a time of day may stand alone there.
        toml: String,
    },
    /// A text that is not UTF-8.
    Bytes(Vec<u8>),
    /// A mapping in which at least one key is not UTF-8, in the order of the keys.
    Map(Vec<(Vec<u8>, Value)>),
}

impl Odd {
    /// The plain value nearest to this one: what JSON makes of it.
    pub fn plain(&self) -> Value {
        match self {
            Self::Time { standard, .. } => Value::from(standard.as_str()),
            Self::Bytes(bytes) => Value::from(lossy(bytes).into_owned()),
            Self::Map(members) => Value::Map(
                members.iter().map(|(key, value)| (lossy(key).into_owned(), value.clone())).collect(),
            ),
        }
    }
}

impl Value {
    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The mapping inside, if this is one.
    pub fn as_map(&self) -> Option<&Object> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping inside, to change it.
    pub fn as_map_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The sequence inside, if this is one.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text inside, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value inside, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number inside as a float, whatever its type; large integers lose precision as in Go.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Uint(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The member `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value reached by following `path` through mappings.
    pub fn at<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<&Self> {
        path.into_iter().try_fold(self, |value, key| value.get(key))
    }

    /// What kind of value this is, for messages: `null`, `bool`, `number`, `string`, `list`, `map`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) | Self::Float(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Odd(odd) => match **odd {
                Odd::Map(_) => "map",
                Odd::Time { .. } | Odd::Bytes(_) => "string",
            },
        }
    }
}

impl Value {
    /// This tree without anything [odd](Odd).
    pub fn plain(&self) -> Cow<'_, Self> {
        if self.has_odd() { Cow::Owned(self.made_plain()) } else { Cow::Borrowed(self) }
    }

    fn has_odd(&self) -> bool {
        match self {
            Self::Odd(_) => true,
            Self::List(items) => items.iter().any(Self::has_odd),
            Self::Map(members) => members.values().any(Self::has_odd),
            _ => false,
        }
    }

    fn made_plain(&self) -> Self {
        match self {
            Self::Odd(odd) => odd.plain().made_plain(),
            Self::List(items) => Self::List(items.iter().map(Self::made_plain).collect()),
            Self::Map(members) => {
                Self::Map(members.iter().map(|(key, value)| (key.clone(), value.made_plain())).collect())
            }
            other => other.clone(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Self::List(value)
    }
}

impl From<Object> for Value {
    fn from(value: Object) -> Self {
        Self::Map(value)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Uint(number) => serializer.serialize_u64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Self::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::Odd(odd) => odd.plain().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// Builds a [`Value`] from whatever a format offers, keeping integers and floats apart.
struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("null, a bool, a number, text, a list or a map with text keys")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Uint(number), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Object::new();
        while let Some((key, value)) = entries.next_entry()? {
            members.insert(key, value);
        }
        Ok(Value::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_keeps_every_kind_apart() {
        let text = r#"{"a":null,"b":true,"c":-1,"d":18446744073709551615,"e":1.5,"f":"x","g":[1,{"h":2.0}]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value.get("d"), Some(&Value::Uint(u64::MAX)));
        assert_eq!(value.get("c"), Some(&Value::Int(-1)));
        assert_eq!(value.get("g").unwrap().as_list().unwrap()[1].get("h"), Some(&Value::Float(2.0)));
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn a_path_is_followed_through_maps_only() {
        let value: Value = serde_json::from_str(r#"{"a":{"b":{"c":1}},"d":[1]}"#).unwrap();
        assert_eq!(value.at(["a", "b", "c"]), Some(&Value::Int(1)));
        assert_eq!(value.at(["a", "x", "c"]), None);
        assert_eq!(value.at(["d", "0"]), None);
        assert_eq!(value.at([]), Some(&value));
    }
}
