//! What is wrong with a text, in the words of Helm's libraries.

use std::num::NonZeroUsize;

use super::scan::SyntaxError;
use crate::chart::value::Value;

/// Why a text is not the YAML that was wanted; shown in the words Helm uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    message: Box<str>,
    line: Option<NonZeroUsize>,
}

impl YamlError {
    /// The line the problem is on, counted from one, where that is known.
    pub fn line(&self) -> Option<usize> {
        self.line.map(NonZeroUsize::get)
    }

    fn new(message: String) -> Self {
        Self { message: message.into(), line: None }
    }

    /// The same, with the line the problem is on, counted from one.
    pub(super) fn on_line(self, line: usize) -> Self {
        Self { line: NonZeroUsize::new(line), ..self }
    }

    pub(super) fn decode(message: impl std::fmt::Display) -> Self {
        Self::new(format!("error converting YAML to JSON: yaml: {message}"))
    }

    pub(super) fn convert(message: impl std::fmt::Display) -> Self {
        Self::new(format!("error converting YAML to JSON: {message}"))
    }

    pub(super) fn wrong_kind(value: &Value, wanted: &str) -> Self {
        let kind = match value {
            Value::List(_) => "array",
            Value::Map(_) => "object",
            other => other.kind(),
        };
        let cause = format!("json: cannot unmarshal {kind} into Go value of type {wanted}");
        Self::new(format!("error unmarshaling JSON: while decoding JSON: {cause}"))
    }
}

impl From<Box<SyntaxError>> for YamlError {
    /// go-yaml counts lines from zero, adds one to those the scanner names, and leaves out line zero.
    fn from(error: Box<SyntaxError>) -> Self {
        let line = match (error.mark.line, error.context.line) {
            (0, context) => context,
            (line, _) if error.scanning => line + 1,
            (line, _) => line,
        };
        let place = if line == 0 { String::new() } else { format!("line {line}: ") };
        Self::decode(format!("{place}{}", error.problem)).on_line(error.mark.line + 1)
    }
}
