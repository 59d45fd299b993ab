//! Writing: keys in byte order, plain values before tables, tables indented, tables in lists inline unless
//! the list holds nothing else. Text that is not UTF-8 is passed on as it is.

use crate::chart::number::format_general;
use crate::chart::value::{Odd, Value};

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

/// Levels of nesting that are written.
const MAX_DEPTH: usize = 600;

/// Writes `value`; anything but a map or a list of maps stands for itself.
pub fn write(value: &Value) -> Result<Vec<u8>, NotToml> {
    check(value, 0)?;
    let mut writer = Writer { out: Vec::new() };
    match value {
        Value::Null => return Err(NotToml::Nil),
        list if is_table_list(list) => return Err(NotToml::NoKey),
        other => match members(other) {
            Some(members) => writer.members(&[], &members),
            None => writer.element(other),
        },
    }
    Ok(writer.out)
}

/// The members of a map; a key need not be UTF-8.
fn members(value: &Value) -> Option<Vec<(&[u8], &Value)>> {
    match value {
        Value::Map(members) => Some(members.iter().map(|(key, value)| (key.as_bytes(), value)).collect()),
        Value::Odd(odd) => match &**odd {
            Odd::Map(members) => Some(members.iter().map(|(key, value)| (key.as_slice(), value)).collect()),
            Odd::Time { .. } | Odd::Bytes(_) => None,
        },
        _ => None,
    }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_)) || matches!(value, Value::Odd(odd) if matches!(**odd, Odd::Map(_)))
}

fn check(value: &Value, depth: usize) -> Result<(), NotToml> {
    if depth > MAX_DEPTH {
        return Err(NotToml::Depth);
    }
    match value {
        Value::List(items) if items.iter().any(Value::is_null) => Err(NotToml::NullInList),
        Value::List(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        map => members(map).into_iter().flatten().try_for_each(|(_, member)| check(member, depth + 1)),
    }
}

fn is_table_list(value: &Value) -> bool {
    value.as_list().is_some_and(|items| !items.is_empty() && items.iter().all(is_map))
}

fn is_table(value: &Value) -> bool {
    is_map(value) || is_table_list(value)
}

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.put("\n");
        }
    }

    fn indent(&mut self, path: &[&[u8]]) {
        for _ in 1..path.len() {
            self.put("  ");
        }
    }

    /// The members of the table at `path`, those that are no tables first.
    fn members(&mut self, path: &[&[u8]], members: &[(&[u8], &Value)]) {
        for tables in [false, true] {
            for (key, value) in members.iter().filter(|(_, value)| is_table(value) == tables) {
                let mut inner = path.to_vec();
                inner.push(key);
                self.member(&inner, value);
            }
        }
    }

    fn member(&mut self, path: &[&[u8]], value: &Value) {
        match (value, members(value)) {
            (Value::Null, _) => {}
            (_, Some(members)) => {
                if path.len() == 1 {
                    self.newline();
                }
                self.header(path, "[", "]");
                self.members(path, &members);
            }
            (Value::List(items), _) if is_table_list(value) => {
                for members in items.iter().filter_map(members) {
                    self.newline();
                    self.header(path, "[[", "]]");
                    self.members(path, &members);
                }
            }
            (other, None) => {
                self.indent(path);
                self.key(path.last().copied().unwrap_or_default());
                self.put(" = ");
                self.element(other);
                self.newline();
            }
        }
    }

    fn header(&mut self, path: &[&[u8]], open: &str, close: &str) {
        self.indent(path);
        self.put(open);
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                self.put(".");
            }
            self.key(key);
        }
        self.put(close);
        self.put("\n");
    }

    fn key(&mut self, key: &[u8]) {
        let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !key.is_empty() && key.iter().all(bare) {
            self.out.extend_from_slice(key);
        } else {
            self.text(key);
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.put("\"");
        for byte in text {
            match byte {
                b'"' => self.put("\\\""),
                b'\\' => self.put("\\\\"),
                8 => self.put("\\b"),
                b'\t' => self.put("\\t"),
                b'\n' => self.put("\\n"),
                12 => self.put("\\f"),
                b'\r' => self.put("\\r"),
                0..=0x1f | 0x7f => self.put(&format!("\\u{byte:04x}")),
                other => self.out.push(*other),
            }
        }
        self.put("\"");
    }

    /// A value on the right of a key, or inside a list.
    fn element(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(truth) => self.put(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.put(&number.to_string()),
            Value::Uint(number) => self.put(&number.to_string()),
            Value::Float(number) => self.float(*number),
            Value::String(text) => self.text(text.as_bytes()),
            Value::List(items) => {
                self.put("[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.put(", ");
                    }
                    self.element(item);
                }
                self.put("]");
            }
            Value::Map(_) => self.inline(value),
            Value::Odd(odd) => match &**odd {
                Odd::Time { toml, .. } => self.put(toml),
                Odd::Bytes(bytes) => self.text(bytes),
                Odd::Map(_) => self.inline(value),
            },
        }
    }

    fn float(&mut self, number: f64) {
        if number.is_finite() {
            let text = format_general(number);
            self.put(&text);
            if !text.contains(['e', '.']) {
                self.put(".0");
            }
        } else {
            let sign = if number.is_sign_negative() { "-" } else { "" };
            self.put(sign);
            self.put(if number.is_nan() { "nan" } else { "inf" });
        }
    }

    fn inline(&mut self, map: &Value) {
        self.put("{");
        let members = members(map).unwrap_or_default();
        let (tables, plain): (Vec<_>, Vec<_>) = members.into_iter().partition(|(_, value)| is_table(value));
        let more = !tables.is_empty();
        for (entries, comma_behind) in [(plain, more), (tables, false)] {
            let count = entries.len();
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if value.is_null() {
                    continue;
                }
                self.key(key);
                self.put(" = ");
                self.element(value);
                if comma_behind || index + 1 < count {
                    self.put(", ");
                }
            }
        }
        self.put("}");
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
            String::from_utf8(write(&value.unwrap()).unwrap()).unwrap(),
            "a = [1.0, 2.0]\nm = [{k = 1.0}, 2.0]\n\n[b]\n  c = 1.5\n  [b.d]\n    e = \"x\\n\"\n\n[[l]]\n  k = true\n\n[[l]]\n"
        );
        assert_eq!(write(&Value::List(vec![Value::Null])), Err(NotToml::NullInList));
        assert_eq!(
            write(&Value::List(vec![Value::Map(crate::chart::value::Object::new())])),
            Err(NotToml::NoKey)
        );
    }
}
