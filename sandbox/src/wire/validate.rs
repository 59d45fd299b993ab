//! What AWS checks before an operation runs: required members, allowed values, lengths, ranges and patterns.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex_lite::Regex;

use super::input::{Input, Kind};
use super::model::{Limits, Model, Shape};

/// One broken constraint.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// The member's path.
    pub path: String,
    /// The value as AWS shows it; `null` for a missing one.
    pub value: String,
    /// The constraint, in AWS's words.
    pub constraint: String,
}

impl Violation {
    /// True when the member was not sent at all.
    pub fn is_missing(&self) -> bool {
        self.constraint == MISSING
    }

    /// The sentence that most services answer.
    pub fn sentence(&self) -> String {
        let Self { path, value, constraint } = self;
        let shown = if self.is_missing() { "null".to_owned() } else { format!("'{value}'") };
        format!(
            "1 validation error detected: Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
        )
    }
}

const MISSING: &str = "Member must not be null";

/// The first constraint of `shape` that the input breaks.
pub fn first_violation(model: &Model, shape: &Shape, input: &Input, path: &str) -> Option<Violation> {
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (shape, &input.kind) {
        (Shape::Structure { members, required, .. }, Kind::Structure(_, sent)) => {
            let missing = required.iter().find(|name| !sent.iter().any(|(member, _)| member == name));
            if let Some(name) = missing {
                return Some(Violation {
                    path: inside(name),
                    value: String::new(),
                    constraint: MISSING.into(),
                });
            }
            sent.iter().find_map(|(name, value)| {
                first_violation(model, model.shape(&members.get(*name)?.shape), value, &inside(name))
            })
        }
        (Shape::List { member, min, max }, Kind::List(entries)) => {
            size(entries.len(), *min, *max, path, "[...]").or_else(|| {
                let shape = model.shape(&member.shape);
                entries.iter().enumerate().find_map(|(index, entry)| {
                    first_violation(model, shape, entry, &format!("{path}.{}.member", index + 1))
                })
            })
        }
        (Shape::Map { key, value }, Kind::Map(entries)) => entries.iter().find_map(|(name, entry)| {
            let key_limits = match model.shape(&key.shape) {
                Shape::String(limits) => text(limits, name, path),
                _ => None,
            };
            key_limits.or_else(|| first_violation(model, model.shape(&value.shape), entry, &inside(name)))
        }),
        (Shape::String(limits), Kind::Text(found)) => text(limits, found, path),
        (Shape::Integer(limits) | Shape::Long(limits), Kind::Integer(found)) => range(limits, *found, path),
        (Shape::Blob(limits), Kind::Blob(found)) => {
            size(found.len(), limits.min, limits.max, path, "<bytes>")
        }
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn size(length: usize, min: Option<f64>, max: Option<f64>, path: &str, value: &str) -> Option<Violation> {
    let constraint = if min.is_some_and(|min| (length as f64) < min) {
        format!("Member must have length greater than or equal to {}", min.unwrap_or_default())
    } else if max.is_some_and(|max| (length as f64) > max) {
        format!("Member must have length less than or equal to {}", max.unwrap_or_default())
    } else {
        return None;
    };
    Some(Violation { path: path.into(), value: value.into(), constraint })
}

#[expect(clippy::cast_precision_loss, reason = "request values are far below 2^52")]
fn range(limits: &Limits, value: i64, path: &str) -> Option<Violation> {
    let constraint = match (limits.min, limits.max) {
        (Some(min), _) if (value as f64) < min => {
            format!("Member must have value greater than or equal to {min}")
        }
        (_, Some(max)) if (value as f64) > max => {
            format!("Member must have value less than or equal to {max}")
        }
        _ => return None,
    };
    Some(Violation { path: path.into(), value: value.to_string(), constraint })
}

fn text(limits: &Limits, value: &str, path: &str) -> Option<Violation> {
    if !limits.values.is_empty() && !limits.values.iter().any(|allowed| allowed == value) {
        return Some(Violation {
            path: path.into(),
            value: value.into(),
            constraint: format!("Member must satisfy enum value set: [{}]", limits.values.join(", ")),
        });
    }
    size(value.chars().count(), limits.min, limits.max, path, value).or_else(|| {
        let pattern = limits.pattern.as_deref()?;
        (!matches(pattern, value)).then(|| Violation {
            path: path.into(),
            value: value.into(),
            constraint: format!("Member must satisfy regular expression pattern: {pattern}"),
        })
    })
}

/// True when the whole text matches; a pattern that the engine cannot compile refuses nothing.
fn matches(pattern: &str, value: &str) -> bool {
    static COMPILED: OnceLock<Mutex<HashMap<String, Option<Regex>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(Mutex::default);
    let mut cache = compiled.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = cache.get(pattern) {
        return regex.as_ref().is_none_or(|regex| regex.is_match(value));
    }
    let regex = Regex::new(&format!(r"\A(?s:{pattern})\z")).ok();
    let answer = regex.as_ref().is_none_or(|regex| regex.is_match(value));
    cache.insert(pattern.to_owned(), regex);
    answer
}
