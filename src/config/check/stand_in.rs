//! Values that stand in for missing ones, so that the checks after the schema's have something to go on.

use serde_json::{Map, Value as Json, json};

use super::{follow, property};
use crate::config::format;
use crate::config::place::Path;

/// A value that the schema takes at a path. What is required in a table that stands in is for the next round.
pub(super) fn value(path: &Path) -> Json {
    property(path).map_or(Json::Null, of)
}

fn of(node: &'static Json) -> Json {
    let format = node.get("format").and_then(Json::as_str).and_then(format::find);
    if let Some(format) = format {
        return json!(format.example);
    }
    let node = follow(node);
    if let Some(first) = node.get("enum").and_then(Json::as_array).and_then(|words| words.first()) {
        return first.clone();
    }
    match node.get("type").and_then(Json::as_str) {
        Some("integer" | "number") => node.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        Some("array") => {
            let least = node.get("minItems").and_then(Json::as_u64).unwrap_or(0);
            let item = node.get("items").map_or(Json::Null, of);
            Json::Array((0..least).map(|_| item.clone()).collect())
        }
        Some("object") => Json::Object(Map::new()),
        _ => {
            let least = node.get("minLength").and_then(Json::as_u64).unwrap_or(1);
            Json::String((0..least).map(|_| 'x').collect())
        }
    }
}
