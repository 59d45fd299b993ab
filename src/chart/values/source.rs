//! The values a user gives, from files and flags, in Helm's order of precedence.

use super::error::SetError;
use super::literal::set_literal;
use super::set::{set, set_file, set_json, set_string};
use crate::chart::json;
use crate::chart::value::{Object, Value};

/// What was given on the command line, apart from values files; each in the order given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub typed: Vec<String>,
    /// `--set-string`
    pub text: Vec<String>,
    /// `--set-file`
    pub file: Vec<String>,
    /// `--set-literal`
    pub literal: Vec<String>,
}

impl Overrides {
    /// Applies everything to `values`; `read` gives the content of a file for `--set-file`.
    ///
    /// The error names the flag and the expression.
    pub fn apply(
        &self,
        values: &mut Object,
        mut read: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<(), (&'static str, String, SetError)> {
        for expression in &self.json {
            let failed = |error| ("--set-json", expression.clone(), error);
            let trimmed = expression.trim();
            if trimmed.starts_with('{') {
                let object = json::read(trimmed.as_bytes()).map_err(|error| failed(error.into()))?;
                if let Value::Map(members) = object {
                    *values = merge_over(std::mem::take(values), members);
                }
            } else {
                set_json(expression, values).map_err(failed)?;
            }
        }
        for expression in &self.typed {
            set(expression, values).map_err(|error| ("--set", expression.clone(), error))?;
        }
        for expression in &self.text {
            set_string(expression, values).map_err(|error| ("--set-string", expression.clone(), error))?;
        }
        for expression in &self.file {
            set_file(expression, values, &mut read)
                .map_err(|error| ("--set-file", expression.clone(), error))?;
        }
        for expression in &self.literal {
            set_literal(expression, values).map_err(|error| ("--set-literal", expression.clone(), error))?;
        }
        Ok(())
    }
}

/// `above` over `below`: tables are merged, anything else replaced, nulls kept.
pub fn merge_over(mut below: Object, above: Object) -> Object {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Map(held)), Value::Map(members)) => {
                *held = merge_over(std::mem::take(held), members);
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
    below
}
