//! TOML as Helm's `toToml` and `fromToml` have it (BurntSushi/toml).
//!
//! Written: keys in byte order, plain values before tables, tables indented, tables in lists inline unless
//! the list holds nothing else. Read: integers stay integers; dates become text. Pure.

use super::number::format_general;
use super::value::{Object, Value};

/// Why a value cannot be written as TOML, in the words of the Go library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotToml {
    /// A list holds nothing at some place.
    #[error("toml: cannot encode array with nil element")]
    NullInList,
    /// The value is a list of tables without a name.
    #[error("toml: top-level values must be Go maps or structs")]
    NoKey,
    /// The value is nil, on which the Go library panics: a template stops there, even in `toToml`.
    #[error("reflect: call of reflect.Value.Type on zero Value")]
    Nil,
    /// More levels than any real document has.
    #[error("toml: exceeded max depth")]
    Depth,
}

/// Why a text is no TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("toml: {0}")]
pub struct NotRead(String);

/// Levels of nesting that are written.
const MAX_DEPTH: usize = 600;

/// Writes `value`; anything but a map or a list of maps stands for itself.
pub fn write(value: &Value) -> Result<String, NotToml> {
    check(value, 0)?;
    let mut writer = Writer { out: String::new() };
    match value {
        Value::Null => return Err(NotToml::Nil),
        Value::Map(members) => writer.members(&[], members),
        list if is_table_list(list) => return Err(NotToml::NoKey),
        other => writer.element(other),
    }
    Ok(writer.out)
}

/// Reads a document.
pub fn read(text: &str) -> Result<Object, NotRead> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| NotRead(error.to_string()))?;
    Ok(table.into_iter().map(|(key, value)| (key, plain(value))).collect())
}

fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Int(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(plain).collect()),
        toml::Value::Table(table) => {
            Value::Map(table.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
    }
}

fn check(value: &Value, depth: usize) -> Result<(), NotToml> {
    if depth > MAX_DEPTH {
        return Err(NotToml::Depth);
    }
    match value {
        Value::List(items) if items.iter().any(Value::is_null) => Err(NotToml::NullInList),
        Value::List(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Map(members) => members.values().try_for_each(|member| check(member, depth + 1)),
        _ => Ok(()),
    }
}

fn is_table_list(value: &Value) -> bool {
    value.as_list().is_some_and(|items| !items.is_empty() && items.iter().all(|item| item.as_map().is_some()))
}

fn is_table(value: &Value) -> bool {
    value.as_map().is_some() || is_table_list(value)
}

struct Writer {
    out: String,
}

impl Writer {
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, path: &[&str]) {
        for _ in 1..path.len() {
            self.out.push_str("  ");
        }
    }

    /// The members of the table at `path`, those that are no tables first.
    fn members(&mut self, path: &[&str], members: &Object) {
        for tables in [false, true] {
            for (key, value) in members.iter().filter(|(_, value)| is_table(value) == tables) {
                let mut inner = path.to_vec();
                inner.push(key);
                self.member(&inner, value);
            }
        }
    }

    fn member(&mut self, path: &[&str], value: &Value) {
        match value {
            Value::Null => {}
            Value::Map(members) => {
                if path.len() == 1 {
                    self.newline();
                }
                self.header(path, "[", "]");
                self.members(path, members);
            }
            Value::List(items) if is_table_list(value) => {
                for members in items.iter().filter_map(Value::as_map) {
                    self.newline();
                    self.header(path, "[[", "]]");
                    self.members(path, members);
                }
            }
            other => {
                self.indent(path);
                self.key(path.last().copied().unwrap_or_default());
                self.out.push_str(" = ");
                self.element(other);
                self.newline();
            }
        }
    }

    fn header(&mut self, path: &[&str], open: &str, close: &str) {
        self.indent(path);
        self.out.push_str(open);
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                self.out.push('.');
            }
            self.key(key);
        }
        self.out.push_str(close);
        self.out.push('\n');
    }

    fn key(&mut self, key: &str) {
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !key.is_empty() && key.bytes().all(bare) {
            self.out.push_str(key);
        } else {
            self.text(key);
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\u{c}' => self.out.push_str("\\f"),
                '\r' => self.out.push_str("\\r"),
                '\0'..='\u{1f}' | '\u{7f}' => self.out.push_str(&format!("\\u{:04x}", character as u32)),
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }

    /// A value on the right of a key, or inside a list.
    fn element(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Uint(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.float(*number),
            Value::String(text) => self.text(text),
            Value::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.element(item);
                }
                self.out.push(']');
            }
            Value::Map(members) => self.inline(members),
        }
    }

    fn float(&mut self, number: f64) {
        if number.is_finite() {
            let text = format_general(number);
            self.out.push_str(&text);
            if !text.contains(['e', '.']) {
                self.out.push_str(".0");
            }
        } else {
            let sign = if number.is_sign_negative() { "-" } else { "" };
            self.out.push_str(sign);
            self.out.push_str(if number.is_nan() { "nan" } else { "inf" });
        }
    }

    fn inline(&mut self, members: &Object) {
        self.out.push('{');
        let (tables, plain): (Vec<_>, Vec<_>) = members.iter().partition(|(_, value)| is_table(value));
        let more = !tables.is_empty();
        for (entries, comma_behind) in [(plain, more), (tables, false)] {
            let count = entries.len();
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if value.is_null() {
                    continue;
                }
                self.key(key);
                self.out.push_str(" = ");
                self.element(value);
                if comma_behind || index + 1 < count {
                    self.out.push_str(", ");
                }
            }
        }
        self.out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::json;

    #[test]
    fn tables_follow_plain_values() {
        let value =
            json::read(br#"{"b":{"c":1.5,"d":{"e":"x\n"}},"a":[1,2],"l":[{"k":true},{}],"m":[{"k":1},2]}"#);
        assert_eq!(
            write(&value.unwrap()).unwrap(),
            "a = [1.0, 2.0]\nm = [{k = 1.0}, 2.0]\n\n[b]\n  c = 1.5\n  [b.d]\n    e = \"x\\n\"\n\n[[l]]\n  k = true\n\n[[l]]\n"
        );
        assert_eq!(write(&Value::List(vec![Value::Null])), Err(NotToml::NullInList));
        assert_eq!(write(&Value::List(vec![Value::Map(Object::new())])), Err(NotToml::NoKey));
    }

    #[test]
    fn documents_are_read_with_their_types() {
        let object = read("a = 1\nb = 1.0\nc = [true]\n[d]\ne = 1979-05-27\n").unwrap();
        assert_eq!(object["a"], Value::Int(1));
        assert_eq!(object["b"], Value::Float(1.0));
        assert_eq!(object["d"].get("e"), Some(&Value::from("1979-05-27")));
        assert!(read("a =").is_err());
    }
}
