//! Writing YAML byte for byte as Helm's `toYaml` and `toYamlPretty` do.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::emit::{
    Folding, Place, Style, is_break, is_multiline, push_spaces, select_style, write_double_quoted,
    write_literal, write_plain, write_single_quoted,
};
use super::key_order::{Generation, sort_by_key};
use super::resolve::{Scalar, is_sexagesimal, resolve};
use crate::chart::number::{format_general, format_json};
use crate::chart::template::lossy;
use crate::chart::value::{Odd, Value};

/// Helm's encoder refuses the value (its `toYaml` then gives an empty text).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYaml {
    /// An infinity or NaN, which JSON, through which `toYaml` goes, cannot hold.
    #[error("error marshaling into JSON: json: unsupported value: {0}")]
    Number(String),
    /// A character YAML forbids unescaped and JSON does not escape, such as U+007F.
    #[error("yaml: control characters are not allowed")]
    Control,
    /// A key of more than 1,022 characters, or with U+0085 in it: YAML does not take that for a key in the
    /// JSON on the way.
    #[error("yaml: did not find expected ',' or '}}'")]
    LongKey,
    /// More levels than any real document has.
    #[error("yaml: exceeded max depth")]
    Depth,
}

/// Levels of nesting that are written.
const MAX_DEPTH: usize = 600;

/// Keys longer than this, in bytes, are written in the `? ` form.
const LONGEST_SIMPLE_KEY: usize = 128;

/// `sigs.k8s.io/yaml.Marshal`, behind Helm's `toYaml`: lists are not indented inside maps. Ends in a newline.
pub fn write(value: &Value) -> Result<String, NotYaml> {
    Writer { out: String::new(), generation: Generation::Two }.document(&value.plain())
}

/// go-yaml 3 with an indent of two, behind `toYamlPretty`: lists are indented. Ends in a newline.
pub fn write_pretty(value: &Value) -> Result<String, NotYaml> {
    Writer { out: String::new(), generation: Generation::Three }.document(value)
}

/// The column behind which `toYaml` folds lines.
const WIDTH: usize = 80;

struct Writer {
    out: String,
    generation: Generation,
}

/// A member of a map; `bytes` are the key where it is not UTF-8.
#[derive(Clone)]
struct Entry<'v> {
    key: Cow<'v, str>,
    bytes: Option<&'v [u8]>,
    value: &'v Value,
}

/// The members of a map that has any.
fn entries(value: &Value) -> Option<Vec<Entry<'_>>> {
    let entries: Vec<Entry<'_>> = match value {
        Value::Map(members) => members
            .iter()
            .map(|(key, value)| Entry { key: Cow::Borrowed(key.as_str()), bytes: None, value })
            .collect(),
        Value::Odd(odd) => match &**odd {
            Odd::Map(members) => members
                .iter()
                .map(|(key, value)| {
                    let bytes = std::str::from_utf8(key).is_err().then_some(key.as_slice());
                    Entry { key: lossy(key), bytes, value }
                })
                .collect(),
            Odd::Time { .. } | Odd::Bytes(_) => return None,
        },
        _ => return None,
    };
    (!entries.is_empty()).then_some(entries)
}

impl Writer {
    fn document(mut self, value: &Value) -> Result<String, NotYaml> {
        match (value, entries(value)) {
            (_, Some(members)) => self.map(&members, 0, false, 0)?,
            (Value::List(items), _) if !items.is_empty() => self.list(items, 0, false, 0)?,
            // A scalar at the top is indented as if it stood inside something.
            (other, None) => self.scalar(other, 2)?,
        }
        if !self.out.ends_with(is_break) {
            self.out.push('\n');
        }
        Ok(self.out)
    }

    /// A map whose keys stand in column `indent`; `inline` says that the first key follows a `- `.
    fn map(
        &mut self,
        members: &[Entry<'_>],
        indent: usize,
        inline: bool,
        depth: usize,
    ) -> Result<(), NotYaml> {
        check_depth(depth)?;
        let mut entries: Vec<&Entry<'_>> = members.iter().collect();
        sort_by_key(&mut entries, |entry| entry.key.as_ref(), self.generation);
        for (index, Entry { key, bytes, value }) in entries.into_iter().enumerate() {
            if index > 0 || !inline {
                self.start_line(indent);
            }
            if let Some(bytes) = bytes {
                self.member_of_binary_key(bytes, value, indent, depth)?;
                continue;
            }
            let broken = key.contains('\u{85}');
            let key = self.through_json(key)?;
            if self.generation == Generation::Two && (json_length(&key) > 1024 || broken) {
                return Err(NotYaml::LongKey);
            }
            if key.len() <= LONGEST_SIMPLE_KEY && !is_multiline(&key) {
                self.text(&key, indent + 2, Place::SimpleKey);
                self.out.push(':');
                self.value_of_key(value, indent, depth)?;
            } else {
                self.out.push_str("? ");
                self.text(&key, indent + 2, Place::Value);
                self.start_line(indent);
                self.out.push(':');
                self.value_of_long_key(value, indent, depth)?;
            }
        }
        Ok(())
    }

    fn member_of_binary_key(
        &mut self,
        key: &[u8],
        value: &Value,
        indent: usize,
        depth: usize,
    ) -> Result<(), NotYaml> {
        let key = binary(key);
        if is_multiline(&key) || BINARY.trim_end().len() + key.len() > LONGEST_SIMPLE_KEY {
            self.out.push_str("? ");
            self.tagged(&key, indent + 2);
            self.start_line(indent);
            self.out.push(':');
            return self.value_of_long_key(value, indent, depth);
        }
        self.tagged(&key, indent + 2);
        self.out.push(':');
        self.value_of_key(value, indent, depth)
    }

    /// A text in base 64, as [`binary`] gives it, with its tag.
    fn tagged(&mut self, text: &str, indent: usize) {
        self.out.push_str(BINARY);
        if is_multiline(text) {
            write_literal(&mut self.out, text, indent);
        } else {
            self.out.push_str(text);
        }
    }

    fn value_of_key(&mut self, value: &Value, indent: usize, depth: usize) -> Result<(), NotYaml> {
        match (value, entries(value)) {
            (_, Some(members)) => self.map(&members, indent + 2, false, depth + 1),
            (Value::List(items), _) if !items.is_empty() => {
                let step = if self.generation == Generation::Two { 0 } else { 2 };
                self.list(items, indent + step, false, depth + 1)
            }
            (scalar, None) => {
                self.out.push(' ');
                self.scalar(scalar, indent + 2)
            }
        }
    }

    /// After `? key`, what is written may start on the line of the colon.
    fn value_of_long_key(&mut self, value: &Value, indent: usize, depth: usize) -> Result<(), NotYaml> {
        self.out.push(' ');
        self.inline(value, indent, depth)
    }

    /// A value that may start on the line that is being written.
    fn inline(&mut self, value: &Value, indent: usize, depth: usize) -> Result<(), NotYaml> {
        match (value, entries(value)) {
            (_, Some(members)) => self.map(&members, indent + 2, true, depth + 1),
            (Value::List(items), _) if !items.is_empty() => self.list(items, indent + 2, true, depth + 1),
            (scalar, None) => self.scalar(scalar, indent + 2),
        }
    }

    /// A list whose dashes stand in column `indent`; `inline` says that the first follows another dash.
    fn list(&mut self, items: &[Value], indent: usize, inline: bool, depth: usize) -> Result<(), NotYaml> {
        check_depth(depth)?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 || !inline {
                self.start_line(indent);
            }
            self.out.push_str("- ");
            self.inline(item, indent, depth)?;
        }
        Ok(())
    }

    /// Ends the line, unless nothing is on it, and moves to column `indent`.
    fn start_line(&mut self, indent: usize) {
        if !self.out.is_empty() && !self.out.ends_with(is_break) {
            self.out.push('\n');
        }
        push_spaces(&mut self.out, indent);
    }

    fn scalar(&mut self, value: &Value, indent: usize) -> Result<(), NotYaml> {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Uint(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.float(*number)?,
            Value::String(text) => {
                let text = self.through_json(text)?;
                self.text(&text, indent, Place::Value);
            }
            Value::List(_) => self.out.push_str("[]"),
            Value::Map(_) => self.out.push_str("{}"),
            Value::Odd(odd) => match &**odd {
                Odd::Time { standard, .. } => self.out.push_str(standard),
                Odd::Bytes(bytes) => self.tagged(&binary(bytes), indent),
                Odd::Map(_) => self.out.push_str("{}"),
            },
        }
        Ok(())
    }

    fn float(&mut self, number: f64) -> Result<(), NotYaml> {
        if self.generation == Generation::Three {
            self.out.push_str(&match format_general(number).as_str() {
                "+Inf" => ".inf".to_owned(),
                "-Inf" => "-.inf".to_owned(),
                "NaN" => ".nan".to_owned(),
                text => text.to_owned(),
            });
            return Ok(());
        }
        // `toYaml` goes through JSON, and what looks like an integer there is one from then on.
        let json = format_json(number).ok_or_else(|| NotYaml::Number(format_general(number)))?;
        self.out.push_str(&match resolve(&json) {
            Scalar::Int(number) => number.to_string(),
            Scalar::Uint(number) => number.to_string(),
            _ => format_general(number),
        });
        Ok(())
    }

    /// What `toYaml` makes of a text on its way through JSON: some characters are refused, and U+0085,
    /// which YAML takes for a line break, is folded.
    fn through_json<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, NotYaml> {
        if self.generation == Generation::Three || text.is_ascii() && !text.contains('\u{7f}') {
            return Ok(text.into());
        }
        let refused = |character: char| matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
        if text.contains(refused) {
            return Err(NotYaml::Control);
        }
        Ok(if text.contains('\u{85}') { fold_next_lines(text).into() } else { text.into() })
    }

    fn text(&mut self, text: &str, indent: usize, place: Place) {
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if can_be_plain(text) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        let folds = self.generation == Generation::Two && place == Place::Value;
        let folding = Folding { width: folds.then_some(WIDTH), indent };
        match select_style(text, wanted, place, self.generation) {
            Style::Plain => write_plain(&mut self.out, text, folding),
            Style::SingleQuoted => write_single_quoted(&mut self.out, text, folding),
            Style::DoubleQuoted => write_double_quoted(&mut self.out, text, folding),
            Style::Literal => write_literal(&mut self.out, text, indent),
        }
    }
}

const BINARY: &str = "!!binary ";

/// Base 64, in lines of 70 characters if it is not shorter than that.
fn binary(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    if text.len() < 70 {
        return text;
    }
    let mut out = String::with_capacity(text.len() + text.len() / 70 + 1);
    for (at, character) in text.chars().enumerate() {
        if at > 0 && at % 70 == 0 {
            out.push('\n');
        }
        out.push(character);
    }
    out.push('\n');
    out
}

/// Whether `text`, unquoted, would be read as text again, by YAML 1.1's rules in both generations.
fn can_be_plain(text: &str) -> bool {
    resolve(text) == Scalar::Text && !is_sexagesimal(text)
}

fn check_depth(depth: usize) -> Result<(), NotYaml> {
    if depth > MAX_DEPTH { Err(NotYaml::Depth) } else { Ok(()) }
}

/// How many characters `key` takes as JSON, quotes included.
fn json_length(key: &str) -> usize {
    let mut json = String::new();
    crate::chart::json::write_text(&mut json, key);
    json.chars().count()
}

/// Line folding inside a double-quoted text: one break is a space, more are one break less.
fn fold_next_lines(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{85}') {
        out.push_str(rest[..at].trim_end_matches([' ', '\t']));
        let after = rest[at..].trim_start_matches([' ', '\u{85}']);
        let breaks = rest[at..rest.len() - after.len()].matches('\u{85}').count();
        if breaks == 1 {
            out.push(' ');
        } else {
            out.extend(std::iter::repeat_n('\n', breaks - 1));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::json;

    fn both(text: &str) -> (String, String) {
        let value = json::read(text.as_bytes()).unwrap();
        (write(&value).unwrap(), write_pretty(&value).unwrap())
    }

    #[test]
    fn lists_are_indented_only_in_the_pretty_form() {
        let (plain, pretty) = both(r#"{"a":[1,{"b":[[2,3],{}],"c":{"d":[]}}],"e":null}"#);
        assert_eq!(plain, "a:\n- 1\n- b:\n  - - 2\n    - 3\n  - {}\n  c:\n    d: []\ne: null\n");
        assert_eq!(
            pretty,
            "a:\n  - 1\n  - b:\n      - - 2\n        - 3\n      - {}\n    c:\n      d: []\ne: null\n"
        );
    }

    #[test]
    fn texts_are_quoted_where_they_would_be_read_as_something_else() {
        for (text, yaml) in [
            ("yes", "\"yes\""),
            ("1.0", "\"1.0\""),
            ("0x1", "\"0x1\""),
            ("", "\"\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("12:30:45", "\"12:30:45\""),
            ("a: b", "'a: b'"),
            ("#x", "'#x'"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("it's", "it's"),
            ("'q'", "'''q'''"),
            (" lead", "' lead'"),
            ("tab\there", "\"tab\\there\""),
            ("😀", "\"\\U0001F600\""),
            ("é", "é"),
            ("a\nb", "|-\n  a\n  b"),
            ("a\nb\n", "|\n  a\n  b"),
            ("a\n\n", "|+\n  a\n"),
            (" a\nb", "|2-\n   a\n  b"),
            ("a \nb", "\"a \\nb\""),
            ("---", "'---'"),
            ("{{ x }}", "'{{ x }}'"),
        ] {
            let written = write(&Value::from(text)).unwrap();
            assert_eq!(written.trim_end_matches('\n'), yaml.trim_end_matches('\n'), "{text:?}");
        }
    }

    #[test]
    fn floats_differ_between_the_forms() {
        let (plain, pretty) = both("[1000000, 1.5, 1e21, 0.000001, -0.0]");
        assert_eq!(plain, "- 1000000\n- 1.5\n- 1e+21\n- 1e-06\n- 0\n");
        assert_eq!(pretty, "- 1e+06\n- 1.5\n- 1e+21\n- 1e-06\n- -0\n");
    }

    #[test]
    fn long_and_broken_keys_take_the_explicit_form() {
        let key = "k".repeat(129);
        let value = Value::Map([(key.clone(), Value::List(vec![Value::Int(1)]))].into());
        assert_eq!(write(&value).unwrap(), format!("? {key}\n: - 1\n"));
        let value = Value::Map([("a\nb".to_owned(), Value::Int(1))].into());
        assert_eq!(write(&value).unwrap(), "? |-\n  a\n  b\n: 1\n");
        let value = Value::Map([("k".repeat(1023), Value::Int(1))].into());
        assert_eq!(write(&value), Err(NotYaml::LongKey));
        assert!(write_pretty(&value).is_ok());
    }

    #[test]
    fn what_helm_cannot_write_is_an_error() {
        assert_eq!(write(&Value::from("a\u{7f}")), Err(NotYaml::Control));
        assert_eq!(write(&Value::Float(f64::NAN)), Err(NotYaml::Number("NaN".into())));
        let deep = (0..3_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        assert_eq!(write(&deep), Err(NotYaml::Depth));
    }
}
