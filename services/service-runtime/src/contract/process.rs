//! Working on a text.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::context::timestamp;
use crate::fastapi::{Field, FromJson, ValidationFinding, Value};

/// What can be done to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// All letters to upper case.
    Uppercase,
    /// All letters to lower case.
    Lowercase,
    /// The characters (code points) back to front.
    Reverse,
    /// The number of characters (code points).
    Length,
    /// The number of words between white space.
    Wordcount,
}

impl Operation {
    /// All operations by their names, in the order of the findings' text.
    pub const ALL: [(&'static str, Self); 5] = [
        ("uppercase", Self::Uppercase),
        ("lowercase", Self::Lowercase),
        ("reverse", Self::Reverse),
        ("length", Self::Length),
        ("wordcount", Self::Wordcount),
    ];

    /// Does it, by the rules of Python's `str`.
    #[must_use]
    pub fn apply(self, text: &str) -> ProcessResult {
        match self {
            Self::Uppercase => ProcessResult::Text(text.to_uppercase()),
            Self::Lowercase => ProcessResult::Text(text.to_lowercase()),
            Self::Reverse => ProcessResult::Text(text.chars().rev().collect()),
            Self::Length => ProcessResult::Number(text.chars().count()),
            Self::Wordcount => {
                let words = text.split(is_python_space).filter(|word| !word.is_empty());
                ProcessResult::Number(words.count())
            }
        }
    }
}

/// `str.isspace`: Unicode white space and the four separators of ASCII.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// Only the name as a string will do; derived code would also take `{"uppercase": null}`.
impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Operation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("the name of an operation")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Operation, E> {
                let found = Operation::ALL.iter().find(|(name, _)| *name == text);
                found.map(|(_, operation)| *operation).ok_or_else(|| E::custom("unknown operation"))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// A text and what to do to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"data": "test data", "operation": "uppercase"}))]
pub struct ProcessRequest {
    /// The text.
    pub data: String,
    /// What to do to it.
    pub operation: Operation,
}

impl ProcessRequest {
    /// Does it.
    #[must_use]
    pub fn process(self) -> ProcessBody {
        let result = self.operation.apply(&self.data);
        let (original, operation) = (self.data, self.operation);
        ProcessBody { original, operation, result, timestamp: timestamp() }
    }
}

impl FromJson for ProcessRequest {
    fn from_json(object: &Value) -> Result<Self, Vec<ValidationFinding>> {
        let data = Field::of(object, "data").string();
        let operation = Field::of(object, "operation").one_of(&Operation::ALL);
        match (data, operation) {
            (Ok(data), Ok(operation)) => Ok(Self { data, operation }),
            (data, operation) => Err(data.err().into_iter().chain(operation.err()).collect()),
        }
    }
}

/// What came of it: a text, or a number for `length` and `wordcount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ProcessResult {
    /// A text.
    Text(String),
    /// A number.
    Number(usize),
}

/// The text, what was done, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProcessResponse)]
pub struct ProcessBody {
    /// The text as it was sent.
    pub original: String,
    /// What was done.
    pub operation: Operation,
    /// What came of it.
    pub result: ProcessResult,
    /// When this was answered.
    #[schema(format = DateTime)]
    pub timestamp: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_follow_python() {
        let text = |operation: Operation, text: &str| match operation.apply(text) {
            ProcessResult::Text(text) => text,
            ProcessResult::Number(number) => number.to_string(),
        };
        assert_eq!(text(Operation::Uppercase, "straße ﬁ"), "STRASSE FI");
        assert_eq!(text(Operation::Lowercase, "ΟΔΥΣΣΕΥΣ"), "οδυσσευς");
        assert_eq!(text(Operation::Reverse, "añb😀"), "😀bña");
        assert_eq!(text(Operation::Length, "añb😀"), "4");
        assert_eq!(text(Operation::Wordcount, "  a\u{1c}b\u{a0}c\u{3000}\n"), "3");
        assert_eq!(text(Operation::Wordcount, " \t "), "0");
    }

    #[test]
    fn names_and_serialized_forms_agree() {
        for (name, operation) in Operation::ALL {
            let json = serde_json::to_string(&operation).expect("serializes");
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<Operation>(&json).expect("reads back"), operation);
        }
        assert!(serde_json::from_str::<Operation>("{\"uppercase\":null}").is_err());
    }
}
