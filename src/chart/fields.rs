//! Reading typed fields from YAML the way Go's decoder fills a structure: names in any case, numbers and
//! bools written out where text is wanted.

use std::collections::BTreeMap;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::number::format_general_32;
use super::value::{Object, Value};

/// A field that does not have the type it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field} must be {wanted}, not {found}")]
pub struct WrongType {
    /// The field, with dots between levels.
    pub field: String,
    /// What was expected.
    pub wanted: &'static str,
    /// What was found.
    pub found: &'static str,
}

/// The fields of one map, found by name whatever their case, as Go finds them.
pub(crate) struct Fields<'a> {
    path: &'static str,
    members: Option<&'a Object>,
}

impl<'a> Fields<'a> {
    /// `path` is put before field names in errors.
    pub(crate) fn of(path: &'static str, document: &'a Value) -> Result<Self, WrongType> {
        let members = match document {
            Value::Null => None,
            Value::Map(members) => Some(members),
            other => {
                let field = path.trim_end_matches('.').to_owned();
                return Err(WrongType { field, wanted: "a map", found: other.kind() });
            }
        };
        Ok(Self { path, members })
    }

    /// As [`Self::of`], for an entry of a list, which must not be null.
    pub(crate) fn of_entry(path: &'static str, document: &'a Value) -> Result<Self, WrongType> {
        if document.is_null() {
            let field = path.trim_end_matches('.').to_owned();
            return Err(WrongType { field, wanted: "a list without empty or null nodes", found: "null" });
        }
        Self::of(path, document)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let members = self.members?;
        let found = members.get(name).or_else(|| {
            members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, wanted: &'static str, found: &Value) -> WrongType {
        let field = format!("{}{name}", self.path);
        WrongType { field, wanted, found: found.kind() }
    }

    /// Sets `target` to the text of a field; numbers and bools are written out.
    pub(crate) fn text(&self, name: &str, target: &mut String) -> Result<(), WrongType> {
        if let Some(value) = self.get(name) {
            *target = as_text(value).ok_or_else(|| self.wrong(name, "a text", value))?;
        }
        Ok(())
    }

    pub(crate) fn texts(&self, name: &str, target: &mut Vec<String>) -> Result<(), WrongType> {
        if let Some(items) = self.list(name)? {
            let text = |item: &Value| match item {
                Value::Null => Ok(String::new()),
                item => as_text(item).ok_or_else(|| self.wrong(name, "a list of texts", item)),
            };
            *target = items.iter().map(text).collect::<Result<_, _>>()?;
        }
        Ok(())
    }

    pub(crate) fn truth(&self, name: &str, target: &mut bool) -> Result<(), WrongType> {
        if let Some(value) = self.get(name) {
            *target = value.as_bool().ok_or_else(|| self.wrong(name, "true or false", value))?;
        }
        Ok(())
    }

    pub(crate) fn list(&self, name: &str) -> Result<Option<&'a [Value]>, WrongType> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_list().map(Some).ok_or_else(|| self.wrong(name, "a list", value))
    }

    /// The fields of a map inside this one; `path` is put before their names in errors.
    pub(crate) fn inner(&self, name: &str, path: &'static str) -> Result<Option<Self>, WrongType> {
        self.get(name).map(|value| Self::of(path, value)).transpose()
    }

    pub(crate) fn text_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, WrongType> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let members = value.as_map().ok_or_else(|| self.wrong(name, "a map of texts", value))?;
        let text = |(key, item): (&String, &Value)| match item {
            Value::Null => Ok((key.clone(), String::new())),
            item => {
                let text = as_text(item).ok_or_else(|| self.wrong(name, "a map of texts", item))?;
                Ok((key.clone(), text))
            }
        };
        members.iter().map(text).collect::<Result<_, _>>().map(Some)
    }
}

/// A scalar as text; floats as Go prints a `float32`, which turns `1.10` into `1.1`.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Uint(number) => Some(number.to_string()),
        Value::Float(number) => Some(format_general_32(*number)),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Odd(_) => None,
    }
}

/// Makes every space a plain one and drops what cannot be printed.
pub(crate) fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    let printable = |character: char| {
        use GeneralCategoryGroup::{Letter, Mark, Number, Punctuation, Symbol};
        matches!(character.general_category_group(), Letter | Mark | Number | Punctuation | Symbol)
    };
    *text = text
        .chars()
        .filter_map(|character| match character {
            space if space.is_whitespace() => Some(' '),
            other => printable(other).then_some(other),
        })
        .collect();
}
