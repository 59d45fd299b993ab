//! Findings about a body, in Pydantic's words.

use serde::Serialize;
use utoipa::ToSchema;

use super::json::{Text, Value, push_list};
use crate::log::push_json_string;

/// A step on the way to what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Location {
    /// A part of the request or a field.
    Name(&'static str),
    /// A position.
    Index(usize),
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidationFinding {
    /// Pydantic's name for the kind of finding.
    pub kind: &'static str,
    /// Where it is.
    pub location: Vec<Location>,
    /// What is wrong, for a person.
    pub message: String,
    /// What was given.
    pub input: Value,
    /// What the message was made of: a key and its text.
    pub context: Option<Box<(&'static str, String)>>,
}

impl ValidationFinding {
    fn push_json(&self, json: &mut String) {
        json.push_str("{\"type\":");
        push_json_string(json, self.kind);
        json.push_str(",\"loc\":");
        push_list(json, ['[', ']'], &self.location, |json, step| match step {
            Location::Name(name) => push_json_string(json, name),
            Location::Index(index) => json.push_str(&index.to_string()),
        });
        json.push_str(",\"msg\":");
        push_json_string(json, &self.message);
        json.push_str(",\"input\":");
        self.input.push_json(json);
        if let Some((key, text)) = self.context.as_deref() {
            json.push_str(",\"ctx\":{");
            push_json_string(json, key);
            json.push(':');
            push_json_string(json, text);
            json.push('}');
        }
        json.push('}');
    }

    /// There is no body.
    pub(super) fn body_missing() -> Self {
        Self::missing(vec![Location::Name("body")], Value::Null)
    }

    /// The body is no object.
    pub(super) fn not_an_object(input: Value) -> Self {
        Self {
            kind: "model_attributes_type",
            location: vec![Location::Name("body")],
            message: "Input should be a valid dictionary or object to extract fields from".to_owned(),
            input,
            context: None,
        }
    }

    /// The body is no JSON.
    pub(super) fn malformed(error: &'static str, at: usize) -> Self {
        Self {
            kind: "json_invalid",
            location: vec![Location::Name("body"), Location::Index(at)],
            message: "JSON decode error".to_owned(),
            input: Value::Object(Vec::new()),
            context: Some(Box::new(("error", error.to_owned()))),
        }
    }

    fn missing(location: Vec<Location>, input: Value) -> Self {
        let message = "Field required".to_owned();
        Self { kind: "missing", location, message, input, context: None }
    }
}

/// The findings as the body of a 422.
pub(super) fn findings_json(findings: &[ValidationFinding]) -> String {
    let mut json = String::from("{\"detail\":");
    push_list(&mut json, ['[', ']'], findings, |json, finding| finding.push_json(json));
    json.push('}');
    json
}

/// A body that is made of a JSON object, with all findings if it cannot be.
pub trait FromJson: Sized {
    /// Makes the body of an object.
    fn from_json(object: &Value) -> Result<Self, Vec<ValidationFinding>>;
}

/// Reads a required field of the body.
pub struct Field<'a> {
    object: &'a Value,
    name: &'static str,
}

impl<'a> Field<'a> {
    /// The field of that name.
    #[must_use]
    pub fn of(object: &'a Value, name: &'static str) -> Self {
        Self { object, name }
    }

    fn location(&self) -> Vec<Location> {
        vec![Location::Name("body"), Location::Name(self.name)]
    }

    fn value(&self) -> Result<&'a Value, ValidationFinding> {
        let missing = || ValidationFinding::missing(self.location(), self.object.clone());
        self.object.get(self.name).ok_or_else(missing)
    }

    fn refused(&self, kind: &'static str, message: &str, input: &Value) -> ValidationFinding {
        let (location, message) = (self.location(), message.to_owned());
        ValidationFinding { kind, location, message, input: input.clone(), context: None }
    }

    /// A string.
    pub fn string(&self) -> Result<String, ValidationFinding> {
        let value = self.value()?;
        match value {
            Value::String(text) => text.as_str().map(str::to_owned).ok_or_else(|| {
                let message = "Input should be a valid string, unable to parse raw data as a unicode string";
                self.refused("string_unicode", message, value)
            }),
            _ => Err(self.refused("string_type", "Input should be a valid string", value)),
        }
    }

    /// One of the names of an enumeration.
    pub fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, ValidationFinding> {
        let value = self.value()?;
        let given = match value {
            Value::String(text) => text.as_str(),
            _ => None,
        };
        let chosen = choices.iter().find(|(name, _)| Some(*name) == given);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let expected = alternatives(choices.iter().map(|(name, _)| *name));
            let message = format!("Input should be {expected}");
            let refused = self.refused("enum", &message, value);
            ValidationFinding { context: Some(Box::new(("expected", expected))), ..refused }
        })
    }
}

/// `'a', 'b' or 'c'`.
fn alternatives<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = names.map(|name| format!("'{name}'")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A body as text, for the echo of one that is no JSON.
pub(super) fn raw(bytes: &[u8]) -> Value {
    Value::String(Text::lossy(bytes))
}

/// The schema of the body of a 422.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HTTPValidationError)]
pub struct HttpValidationErrorBody {
    /// All that is wrong.
    pub detail: Vec<ValidationErrorBody>,
}

/// The schema of one finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValidationError)]
pub struct ValidationErrorBody {
    /// Where it is: `body`, then a field's name or a position.
    pub loc: Vec<Location>,
    /// What is wrong.
    pub msg: String,
    /// The kind of finding, for programs.
    pub r#type: String,
    /// What was given.
    #[schema(value_type = Value)]
    pub input: Option<serde_json::Value>,
    /// What the message was made of.
    #[schema(value_type = Option<Object>)]
    pub ctx: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fastapi::json::loads;

    #[test]
    fn findings_are_written_as_pydantic_writes_them() {
        let object = loads(br#"{"data": 5, "operation": "shout"}"#).expect("valid");
        let data = Field::of(&object, "data").string().expect_err("a number");
        let choices = [("upper", 1), ("lower", 2), ("other", 3)];
        let operation = Field::of(&object, "operation").one_of(&choices).expect_err("none of them");
        let absent = Field::of(&object, "more").string().expect_err("absent");
        assert_eq!(
            findings_json(&[data, operation, absent]),
            concat!(
                r#"{"detail":[{"type":"string_type","loc":["body","data"],"#,
                r#""msg":"Input should be a valid string","input":5},"#,
                r#"{"type":"enum","loc":["body","operation"],"#,
                r#""msg":"Input should be 'upper', 'lower' or 'other'","input":"shout","#,
                r#""ctx":{"expected":"'upper', 'lower' or 'other'"}},"#,
                r#"{"type":"missing","loc":["body","more"],"msg":"Field required","#,
                r#""input":{"data":5,"operation":"shout"}}]}"#,
            )
        );
    }
}
