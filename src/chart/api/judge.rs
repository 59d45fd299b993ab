//! An object, held against its schema.

use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;
use serde_json::{Map, Value};

use super::finding::{Form, Problem};
use super::required::may_be_missing;
use super::schemas::Schema;

/// A number and one of the suffixes, or an exponent. (`k8s.io/apimachinery/pkg/api/resource`, `parseQuantityString`.)
static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$").expect("a valid pattern")
});

/// Base64 as Go takes it: what is left over of the last letter may be anything.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// What is wrong with an object, each with the path of its field. Text for which `is_open` holds stands for what is not
/// known yet, and may become anything.
pub(super) fn judge(
    schema: Schema<'_>,
    object: &Value,
    is_open: &dyn Fn(&str) -> bool,
) -> Vec<(String, Problem)> {
    let mut judge = Judge { schema, is_open, path: Vec::new(), found: Vec::new() };
    if let Some(members) = object.as_object() {
        judge.root(members);
    }
    judge.found
}

struct Judge<'a> {
    schema: Schema<'a>,
    is_open: &'a dyn Fn(&str) -> bool,
    path: Vec<String>,
    found: Vec<(String, Problem)>,
}

/// A schema that a reference was followed to.
#[derive(Clone, Copy)]
struct Resolved<'a> {
    /// The name of the type; empty for a schema that stands where it is used.
    name: &'a str,
    schema: &'a Value,
}

impl<'a> Judge<'a> {
    /// What is told of an object's state is the cluster's to say; what every object has is not in a definition's schema.
    fn root(&mut self, members: &Map<String, Value>) {
        let passed: &[&str] =
            if self.schema.custom { &["apiVersion", "kind", "metadata", "status"] } else { &["status"] };
        let root = Resolved { name: self.schema.name, schema: self.schema.root };
        self.members(root, members, passed);
    }

    fn resolve(&self, schema: &'a Value) -> Resolved<'a> {
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        match name.and_then(|name| Some((name, self.schema.definitions.get(name)?))) {
            Some((name, schema)) => Resolved { name, schema },
            None => Resolved { name: "", schema },
        }
    }

    fn value(&mut self, schema: &'a Value, value: &Value) {
        // Nothing is what is not there.
        if value.is_null() || value.as_str().is_some_and(self.is_open) {
            return;
        }
        let of = self.resolve(schema);
        match of.name.rsplit('.').next().unwrap_or_default() {
            "JSON" => return,
            "Quantity" => return self.quantity(value),
            "IntOrString" => return self.whole_or_text(value, 32),
            _ if of.schema["x-kubernetes-int-or-string"] == true => return self.whole_or_text(value, 64),
            _ => {}
        }
        // In a definition's schema alternatives are rules for values, not types.
        if let Some(alternatives) = of.schema["oneOf"].as_array().filter(|_| !self.schema.custom) {
            return self.one_of(alternatives, value);
        }
        self.of_type(of, value);
        if let Some(allowed) = of.schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
            let allowed = allowed.iter().map(ToString::to_string).collect();
            self.tell(Problem::Choice { allowed });
        }
    }

    fn of_type(&mut self, of: Resolved<'a>, value: &Value) {
        let schema = of.schema;
        match (schema["type"].as_str().unwrap_or_default(), value) {
            ("object", Value::Object(members)) => self.members(of, members, &[]),
            ("array", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let name = item["name"].as_str().map_or_else(|| index.to_string(), str::to_owned);
                    self.path.push(format!("[{name}]"));
                    self.value(&schema["items"], item);
                    self.path.pop();
                }
            }
            ("string", Value::String(text)) if schema["format"] == "byte" && !is_base64(text) => {
                self.tell(Problem::Base64);
            }
            ("integer", Value::Number(number)) if !number.is_f64() => {
                let bits = if schema["format"] == "int32" { 32 } else { 64 };
                self.whole(number, bits);
            }
            ("string", Value::String(_)) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => {}
            ("object", _) => self.wrong(value, "a map"),
            ("array", _) => self.wrong(value, "a list"),
            ("string", _) => self.wrong(value, "text"),
            ("integer", _) => self.wrong(value, "a whole number"),
            ("number", _) => self.wrong(value, "a number"),
            ("boolean", _) => self.wrong(value, "true or false"),
            // Anything.
            _ => {}
        }
    }

    /// A map, but for what is `passed` over.
    fn members(&mut self, of: Resolved<'a>, members: &Map<String, Value>, passed: &[&str]) {
        let schema = of.schema;
        let properties = schema["properties"].as_object();
        let mut meant = Vec::new();
        for (key, value) in members.iter().filter(|(key, _)| !passed.contains(&key.as_str())) {
            self.path.push(key.clone());
            if let Some(schema) = properties.and_then(|properties| properties.get(key)) {
                self.value(schema, value);
            } else if schema["additionalProperties"].is_object() {
                self.value(&schema["additionalProperties"], value);
            } else if let Some(properties) = properties
                && !self.takes_more(schema, key)
            {
                let near = nearest(key, properties);
                meant.extend(near.clone());
                self.tell(Problem::Unknown { near });
            }
            self.path.pop();
        }
        for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let is_there = members.get(field).is_some_and(|value| !value.is_null());
            let known = properties.and_then(|properties| properties.get(field));
            let is_done_without = match self.schema.custom {
                true => known.is_some_and(|schema| schema.get("default").is_some()),
                false => may_be_missing(of.name, field, known),
            };
            // One that was written wrongly is told once.
            let is_told = meant.iter().any(|meant| meant == field);
            if !is_there && !is_done_without && !is_told && !passed.contains(&field) {
                self.path.push(field.to_owned());
                self.tell(Problem::Missing);
                self.path.pop();
            }
        }
    }

    /// Whether a map with known fields has others too.
    fn takes_more(&self, schema: &Value, key: &str) -> bool {
        let embedded = schema["x-kubernetes-embedded-resource"] == true;
        schema["additionalProperties"] == true
            || schema["x-kubernetes-preserve-unknown-fields"] == true
            || embedded && ["apiVersion", "kind", "metadata"].contains(&key)
            || (self.is_open)(key)
    }

    /// Whichever alternative fits; if none does, what is wrong by the one that is of the value's type.
    fn one_of(&mut self, alternatives: &'a [Value], value: &Value) {
        let before = self.found.len();
        let mut least: Option<Vec<(String, Problem)>> = None;
        for alternative in alternatives {
            self.value(alternative, value);
            let found = self.found.split_off(before);
            if found.is_empty() {
                return;
            }
            let is_type = |found: &[(String, Problem)]| matches!(found, [(_, Problem::Type { .. })]);
            if least.as_ref().is_none_or(|least| is_type(least)) {
                least = Some(found);
            }
        }
        self.found.extend(least.into_iter().flatten());
    }

    fn quantity(&mut self, value: &Value) {
        match value {
            Value::Number(_) => {}
            Value::String(text) if QUANTITY.is_match(text.trim()) => {}
            Value::String(_) => self.tell(Problem::Quantity),
            other => self.wrong(other, "a quantity"),
        }
    }

    fn whole_or_text(&mut self, value: &Value, bits: u32) {
        match value {
            Value::String(_) => {}
            Value::Number(number) if !number.is_f64() => self.whole(number, bits),
            other => self.wrong(other, "a whole number or text"),
        }
    }

    fn whole(&mut self, number: &serde_json::Number, bits: u32) {
        let fits = match bits {
            32 => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            _ => number.as_i64().is_some(),
        };
        if !fits {
            self.tell(Problem::Range { bits });
        }
    }

    fn wrong(&mut self, value: &Value, wanted: &'static str) {
        let found = match value {
            Value::Null | Value::Bool(_) => Form::Truth,
            Value::Number(number) if number.is_f64() => Form::Number,
            Value::Number(_) => Form::Whole,
            Value::String(_) => Form::Text,
            Value::Array(_) => Form::List,
            Value::Object(_) => Form::Map,
        };
        let hint = match (wanted, found) {
            ("text", Form::Truth | Form::Whole | Form::Number) => Some("put it in quotes"),
            ("true or false" | "a whole number" | "a number", Form::Text) => Some("write it without quotes"),
            ("a list", Form::Map) => Some("each item begins with `- `"),
            ("a map", Form::List) => Some("its lines are `key: value`, without `- `"),
            _ => None,
        };
        self.tell(Problem::Type { found, wanted, hint });
    }

    fn tell(&mut self, problem: Problem) {
        let field = self.path.join(".").replace(".[", "[");
        self.found.push((field, problem));
    }
}

fn is_base64(text: &str) -> bool {
    let text: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    BASE64.decode(text).is_ok()
}

/// The field that was meant, if one is near enough.
fn nearest(written: &str, properties: &Map<String, Value>) -> Option<String> {
    let lowered = written.to_lowercase();
    properties
        .keys()
        .map(|known| (strsim::damerau_levenshtein(&lowered, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.clone())
}
