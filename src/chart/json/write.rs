//! Writing JSON byte for byte as Go does.

use crate::chart::number::format_json;
use crate::chart::value::{Odd, Value};

/// The value holds a number JSON has no form for, or is nested too deeply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// An infinity or NaN, named as Go names it.
    #[error("json: unsupported value: {0}")]
    Number(String),
    /// More levels than any real document has.
    #[error("json: exceeded max depth")]
    Depth,
}

/// Levels of nesting that are written; Go's own limit for reading is 10,000.
const MAX_DEPTH: usize = 600;

/// `json.Marshal`: compact, with `<`, `>` and `&` escaped.
pub fn write(value: &Value) -> Result<String, NotJson> {
    Writer { html: true, indent: None }.run(value)
}

/// As [`write`] without the escaping of `<`, `>` and `&` (Sprig's `toRawJson`).
pub fn write_raw(value: &Value) -> Result<String, NotJson> {
    Writer { html: false, indent: None }.run(value)
}

/// `json.MarshalIndent` with an empty prefix (Sprig's `toPrettyJson` uses two spaces).
pub fn write_indented(value: &Value, indent: &str) -> Result<String, NotJson> {
    Writer { html: true, indent: Some(indent) }.run(value)
}

struct Writer<'a> {
    html: bool,
    indent: Option<&'a str>,
}

impl Writer<'_> {
    fn run(&self, value: &Value) -> Result<String, NotJson> {
        let mut out = String::new();
        self.value(&mut out, value, 0)?;
        Ok(out)
    }

    fn value(&self, out: &mut String, value: &Value, depth: usize) -> Result<(), NotJson> {
        if depth > MAX_DEPTH {
            return Err(NotJson::Depth);
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => out.push_str(&number.to_string()),
            Value::Uint(number) => out.push_str(&number.to_string()),
            Value::Float(number) => match format_json(*number) {
                Some(text) => out.push_str(&text),
                None => return Err(NotJson::Number(crate::chart::number::format_general(*number))),
            },
            Value::String(text) => write_string(out, text.as_bytes(), self.html),
            Value::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.next_item(out, index, depth);
                    self.value(out, item, depth + 1)?;
                }
                self.close(out, ']', items.is_empty(), depth);
            }
            Value::Map(members) => {
                let members = members.iter().map(|(key, value)| (key.as_bytes(), value));
                self.members(out, members, depth)?;
            }
            Value::Odd(odd) => match &**odd {
                Odd::Time { standard, .. } => write_string(out, standard.as_bytes(), self.html),
                Odd::Bytes(bytes) => write_string(out, bytes, self.html),
                Odd::Map(members) => {
                    let members = members.iter().map(|(key, value)| (key.as_slice(), value));
                    self.members(out, members, depth)?;
                }
            },
        }
        Ok(())
    }

    fn members<'v>(
        &self,
        out: &mut String,
        members: impl ExactSizeIterator<Item = (&'v [u8], &'v Value)>,
        depth: usize,
    ) -> Result<(), NotJson> {
        let empty = members.len() == 0;
        out.push('{');
        for (index, (key, value)) in members.enumerate() {
            self.next_item(out, index, depth);
            write_string(out, key, self.html);
            out.push_str(if self.indent.is_some() { ": " } else { ":" });
            self.value(out, value, depth + 1)?;
        }
        self.close(out, '}', empty, depth);
        Ok(())
    }

    fn next_item(&self, out: &mut String, index: usize, depth: usize) {
        if index > 0 {
            out.push(',');
        }
        self.line(out, depth + 1);
    }

    fn close(&self, out: &mut String, bracket: char, empty: bool, depth: usize) {
        if !empty {
            self.line(out, depth);
        }
        out.push(bracket);
    }

    fn line(&self, out: &mut String, depth: usize) {
        if let Some(indent) = self.indent {
            out.push('\n');
            for _ in 0..depth {
                out.push_str(indent);
            }
        }
    }
}

/// Appends `text` as a JSON string, escaped as [`write`] escapes it.
pub(crate) fn write_text(out: &mut String, text: &str) {
    write_string(out, text.as_bytes(), true);
}

/// Appends `text` quoted; `html` also escapes what would end a script element. Bytes that are no UTF-8 are
/// replaced one by one.
fn write_string(out: &mut String, text: &[u8], html: bool) {
    out.push('"');
    for chunk in text.utf8_chunks() {
        write_escaped(out, chunk.valid(), html);
        for _ in chunk.invalid() {
            out.push_str("\\ufffd");
        }
    }
    out.push('"');
}

fn write_escaped(out: &mut String, text: &str, html: bool) {
    let mut clean = 0;
    for (at, character) in text.char_indices() {
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '<' if html => "\\u003c",
            '>' if html => "\\u003e",
            '&' if html => "\\u0026",
            control if control < ' ' => {
                out.push_str(&text[clean..at]);
                out.push_str(&format!("\\u{:04x}", control as u32));
                clean = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[clean..at]);
        out.push_str(escape);
        clean = at + character.len_utf8();
    }
    out.push_str(&text[clean..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::json::read;

    #[test]
    fn text_is_escaped_as_go_escapes_it() {
        let value = Value::from("a<b>&\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}\u{2028}é😀");
        assert_eq!(
            write(&value).unwrap(),
            "\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}\\u2028é😀\""
        );
        assert!(write_raw(&value).unwrap().starts_with("\"a<b>&"));
    }

    #[test]
    fn indentation_leaves_empty_containers_closed() {
        let value = read(br#"{"b":[],"a":{"x":[1,2]},"c":{}}"#).unwrap();
        assert_eq!(
            write_indented(&value, "  ").unwrap(),
            "{\n  \"a\": {\n    \"x\": [\n      1,\n      2\n    ]\n  },\n  \"b\": [],\n  \"c\": {}\n}"
        );
        assert_eq!(write(&value).unwrap(), r#"{"a":{"x":[1,2]},"b":[],"c":{}}"#);
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        assert_eq!(write(&Value::Float(f64::INFINITY)), Err(NotJson::Number("+Inf".into())));
        let deep = (0..3_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        assert_eq!(write(&deep), Err(NotJson::Depth));
    }
}
