//! What Python's parser yields.

use crate::log::push_json_string;

/// A Python string: Unicode that may hold lone surrogates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    text: String,
    whole: bool,
}

impl Text {
    /// From code points; surrogates become U+FFFD and are remembered.
    pub(super) fn of(points: impl IntoIterator<Item = u32>) -> Self {
        let mut whole = true;
        let text = points
            .into_iter()
            .map(|point| {
                char::from_u32(point).unwrap_or_else(|| {
                    whole = false;
                    char::REPLACEMENT_CHARACTER
                })
            })
            .collect();
        Self { text, whole }
    }

    /// A string as it came in bytes, wrong UTF-8 replaced.
    #[must_use]
    pub fn lossy(bytes: &[u8]) -> Self {
        Self { text: String::from_utf8_lossy(bytes).into_owned(), whole: true }
    }

    /// The string if it is valid Unicode.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.whole.then_some(self.text.as_str())
    }
}

/// A JSON value as Python holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// `NaN`, `Infinity`, `-Infinity`, or a number beyond 64-bit floating point.
    NotFinite,
    /// A string.
    String(Text),
    /// An array.
    Array(Vec<Value>),
    /// An object; of equal keys the last value, in the first's place.
    Object(Vec<(Text, Value)>),
}

impl Value {
    /// The member of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Appends the value as JSON; numbers that are not finite become null.
    pub(crate) fn push_json(&self, json: &mut String) {
        match self {
            Self::Null | Self::NotFinite => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => json.push_str(text),
            Self::String(text) => push_json_string(json, &text.text),
            Self::Array(items) => {
                push_list(json, ['[', ']'], items, |json, item| item.push_json(json));
            }
            Self::Object(members) => push_list(json, ['{', '}'], members, |json, (name, value)| {
                push_json_string(json, &name.text);
                json.push(':');
                value.push_json(json);
            }),
        }
    }
}

/// Appends items between brackets, separated by commas.
pub(in crate::fastapi) fn push_list<T>(
    json: &mut String,
    [open, close]: [char; 2],
    items: &[T],
    push: impl Fn(&mut String, &T),
) {
    json.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push(json, item);
    }
    json.push(close);
}
