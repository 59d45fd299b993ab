//! The grammar of `--set-literal`: one key, and after `=` everything as it stands.

use super::error::SetError;
use super::set::{
    MAX_LEVEL, Step, Stop, existing_list, existing_map, nested_list, nested_map, put, set_index,
};
use crate::chart::value::{Object, Value};

/// `--set-literal`: the value is the rest of the text, commas, braces and backslashes included.
pub fn set_literal(expression: &str, values: &mut Object) -> Result<(), SetError> {
    let mut parser = Literal { rest: expression };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    fn until(&mut self, stops: &[char]) -> (&'a str, Option<char>) {
        match self.rest.char_indices().find(|(_, character)| stops.contains(character)) {
            Some((at, stop)) => {
                let taken = &self.rest[..at];
                self.rest = &self.rest[at + stop.len_utf8()..];
                (taken, Some(stop))
            }
            None => (std::mem::take(&mut self.rest), None),
        }
    }

    fn value(&mut self) -> Value {
        Value::from(std::mem::take(&mut self.rest))
    }

    fn key(&mut self, target: &mut Object, level: usize) -> Step<()> {
        let (key, stop) = self.until(&['=', '[', '.']);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(SetError::NoValue(key.to_owned()).into()),
            Some('=') => {
                put(target, key.to_owned(), self.value());
                Ok(())
            }
            Some('[') => {
                let index = self.index()?;
                let mut list = existing_list(target, key)?;
                let done = self.item(&mut list, index, level);
                put(target, key.to_owned(), Value::List(list));
                done
            }
            Some(_) => {
                if level + 1 > MAX_LEVEL {
                    return Err(SetError::TooDeep(MAX_LEVEL).into());
                }
                let mut inner = existing_map(target, key)?;
                let done = self.key(&mut inner, level + 1);
                if done.is_ok() && inner.is_empty() {
                    return Err(SetError::EmptyMap(key.to_owned()).into());
                }
                if !inner.is_empty() {
                    put(target, key.to_owned(), Value::Map(inner));
                }
                done
            }
        }
    }

    fn index(&mut self) -> Step<i64> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        text.parse().map_err(|_| SetError::IndexSyntax(text.to_owned()).into())
    }

    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Step<()> {
        if index < 0 {
            return Err(SetError::NegativeIndex(index).into());
        }
        let (between, stop) = self.until(&['[', '.', '=']);
        if !between.is_empty() {
            return Err(SetError::AfterIndex(between.to_owned()).into());
        }
        let value = match stop {
            None => return Err(Stop::End),
            Some('=') => self.value(),
            Some('[') => {
                let next = self.index()?;
                let mut inner = nested_list(list, index)?;
                self.item(&mut inner, next, level)?;
                Value::List(inner)
            }
            Some(_) => {
                let mut inner = nested_map(list, index);
                self.key(&mut inner, level)?;
                Value::Map(inner)
            }
        };
        set_index(list, index, value)
    }
}
