//! The effective settings of an environment, and where each comes from.

use serde_json::{Map, Value, json};

use super::load::Loaded;
use super::place::{Path, Position, Segment, is_bare_key};
use super::tree::Node;

/// The settings of an environment as they take effect, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// A line a value.
    pub lines: Vec<Line>,
    settings: Value,
}

/// A value that takes effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where in the settings.
    pub path: Path,
    /// The value.
    pub value: Value,
    /// Where it was written; `None` for a default.
    pub origin: Option<Position>,
}

/// The settings of an environment as they take effect.
pub fn effective(loaded: &Loaded) -> Effective {
    let settings = serde_json::to_value(&loaded.written).unwrap_or(Value::Null);
    let mut lines = Vec::new();
    collect(loaded, &settings, &Path::root(), &mut lines);
    Effective { lines, settings }
}

/// Tables and arrays of tables are gone into; whatever else is a line.
fn collect(loaded: &Loaded, value: &Value, path: &Path, lines: &mut Vec<Line>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| collect(loaded, value, &path.join(key.as_str()), lines));
        }
        Value::Array(items) if are_tables(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(loaded, item, &path.join(at), lines));
        }
        _ => lines.push(Line { path: path.clone(), value: value.clone(), origin: origin(loaded, path) }),
    }
}

fn origin(loaded: &Loaded, path: &Path) -> Option<Position> {
    let node: &Node = loaded.tree.at(path)?;
    Some(loaded.sources().position(&node.place))
}

fn are_tables(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(Value::is_object)
}

impl Effective {
    /// As TOML; with `origins`, each value is followed by where it was written.
    pub fn to_toml(&self, origins: Origins) -> String {
        let mut out = String::new();
        if let Value::Object(map) = &self.settings {
            self.table(&mut out, map, &Path::root(), origins);
        }
        out.trim_start().to_owned()
    }

    /// As JSON: the settings, and a list of paths with their origins.
    pub fn to_json(&self, environment: &str) -> Value {
        let origins: Map<String, Value> = self
            .lines
            .iter()
            .map(|line| {
                let origin = line.origin.as_ref().map_or_else(|| "default".to_owned(), ToString::to_string);
                (line.path.to_string(), json!(origin))
            })
            .collect();
        json!({
            "schema": "platctl/config", "version": 1, "environment": environment,
            "settings": self.settings, "origins": origins,
        })
    }

    /// Values first, then tables, as TOML wants it.
    fn table(&self, out: &mut String, map: &Map<String, Value>, path: &Path, origins: Origins) {
        let nested = |value: &Value| match value {
            Value::Object(_) => true,
            Value::Array(items) => are_tables(items),
            _ => false,
        };
        for (key, value) in map.iter().filter(|(_, value)| !nested(value) && !value.is_null()) {
            let line = format!("{} = {}", toml_key(key), toml_value(value));
            match origins {
                Origins::Hidden => out.push_str(&line),
                Origins::Shown => {
                    out.push_str(&format!("{line:<50} # {}", self.origin_words(&path.join(key.as_str()))));
                }
            }
            out.push('\n');
        }
        for (key, value) in map.iter().filter(|(_, value)| nested(value)) {
            let path = path.join(key.as_str());
            match value {
                Value::Object(inner) => {
                    header(out, inner, &path);
                    self.table(out, inner, &path, origins);
                }
                Value::Array(items) => {
                    for (at, item) in items.iter().enumerate() {
                        out.push_str(&format!("\n[[{}]]\n", toml_path(&path)));
                        if let Value::Object(inner) = item {
                            self.table(out, inner, &path.join(at), origins);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn origin_words(&self, path: &Path) -> String {
        let line = self.lines.iter().find(|line| line.path == *path);
        line.and_then(|line| line.origin.as_ref()).map_or_else(|| "default".to_owned(), ToString::to_string)
    }
}

/// Whether origins are written behind values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    /// No.
    Hidden,
    /// Yes.
    Shown,
}

/// A table's header, unless it holds nothing but tables, which have their own.
fn header(out: &mut String, map: &Map<String, Value>, path: &Path) {
    let only_tables = !map.is_empty() && map.values().all(Value::is_object);
    if !only_tables && !map.is_empty() {
        out.push_str(&format!("\n[{}]\n", toml_path(path)));
    }
}

fn toml_key(key: &str) -> String {
    if is_bare_key(key) { key.to_owned() } else { toml_value(&Value::String(key.to_owned())) }
}

fn toml_path(path: &Path) -> String {
    let keys = path.segments().iter().filter_map(|segment| match segment {
        Segment::Key(key) => Some(toml_key(key)),
        Segment::Index(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}

fn toml_value(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string())
}
