//! The grammar of `--set`, `--set-string`, `--set-json` and `--set-file`: `a.b[0].c=x,d={1,2}`.
//!
//! Helm's parser stops silently wherever the text ends in the middle of an index, and writes what it has so
//! far; so does this one.

use super::error::SetError;
use crate::chart::json;
use crate::chart::value::{Object, Value};

/// Names with more dots than this are refused.
pub(super) const MAX_LEVEL: usize = 30;
/// The largest index of a list.
pub(super) const MAX_INDEX: i64 = 65_536;

/// Why parsing stops: at the end of the text, which is no error, or because of one.
pub(super) enum Stop {
    End,
    Error(SetError),
}

impl From<SetError> for Stop {
    fn from(error: SetError) -> Self {
        Self::Error(error)
    }
}

pub(super) type Step<T> = Result<T, Stop>;

/// `--set`: numbers, bools and null are recognised.
pub fn set(expression: &str, values: &mut Object) -> Result<(), SetError> {
    parse(expression, values, &mut |text| Ok(typed(text)), Mode::Text)
}

/// `--set-string`: every value is text.
pub fn set_string(expression: &str, values: &mut Object) -> Result<(), SetError> {
    parse(expression, values, &mut |text| Ok(Value::String(text)), Mode::Text)
}

/// `--set-json`: every value is JSON; an empty one is null.
pub fn set_json(expression: &str, values: &mut Object) -> Result<(), SetError> {
    parse(expression, values, &mut |text| Ok(Value::String(text)), Mode::Json)
}

/// `--set-file`: every value is the content of the file it names, which `read` gives.
pub fn set_file(
    expression: &str,
    values: &mut Object,
    read: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<(), SetError> {
    let mut convert = |path: String| read(&path).map(Value::String).map_err(SetError::File);
    parse(expression, values, &mut convert, Mode::Text)
}

/// A value of `--set`.
fn typed(text: String) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::Null;
    }
    // A leading zero means text: it may be an account number or a mode.
    match text.parse::<i64>() {
        Ok(number) if text == "0" || !text.starts_with('0') => Value::Int(number),
        _ => Value::String(text),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Json,
}

type Convert<'a> = &'a mut dyn FnMut(String) -> Result<Value, SetError>;

fn parse(expression: &str, values: &mut Object, convert: Convert<'_>, mode: Mode) -> Result<(), SetError> {
    let mut parser = Parser { rest: expression, convert, mode };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    convert: Convert<'a>,
    mode: Mode,
}

impl Parser<'_> {
    /// Takes text up to one of `stops`, which is taken too; a backslash makes the next character plain.
    ///
    /// The second part is `None` at the end of the text.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut taken = String::new();
        let mut characters = self.rest.chars();
        let mut stop = None;
        while let Some(character) = characters.next() {
            if stops.contains(&character) {
                stop = Some(character);
                break;
            }
            match character {
                '\\' => match characters.next() {
                    Some(escaped) => taken.push(escaped),
                    None => break,
                },
                other => taken.push(other),
            }
        }
        self.rest = characters.as_str();
        (taken, stop)
    }

    fn key(&mut self, target: &mut Object, level: usize) -> Step<()> {
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(SetError::NoValue(key).into()),
            Some('[') => {
                let index = self.index()?;
                let mut list = existing_list(target, &key)?;
                let done = self.item(&mut list, index, level);
                put(target, key, Value::List(list));
                done
            }
            Some('=') => self.value_of_key(target, key),
            Some(',') => {
                put(target, key.clone(), Value::from(""));
                Err(SetError::EndsWithComma(key).into())
            }
            Some(_) => {
                if level + 1 > MAX_LEVEL {
                    return Err(SetError::TooDeep(MAX_LEVEL).into());
                }
                let mut inner = existing_map(target, &key)?;
                let done = self.key(&mut inner, level + 1);
                if done.is_ok() && inner.is_empty() {
                    return Err(SetError::EmptyMap(key).into());
                }
                if !inner.is_empty() {
                    put(target, key, Value::Map(inner));
                }
                done
            }
        }
    }

    fn value_of_key(&mut self, target: &mut Object, key: String) -> Step<()> {
        if self.mode == Mode::Json {
            let value = self.json()?;
            put(target, key, value);
            return Ok(());
        }
        if self.rest.is_empty() {
            put(target, key, Value::from(""));
            return Err(Stop::End);
        }
        let value = self.value()?;
        put(target, key, value);
        Ok(())
    }

    /// A value that is not empty: a `{}` list, or text up to a comma.
    fn value(&mut self) -> Step<Value> {
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            return self.list();
        }
        let (text, _) = self.until(&[',']);
        Ok((self.convert)(text)?)
    }

    fn list(&mut self) -> Step<Value> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            let Some(stop) = stop else { return Err(SetError::OpenList.into()) };
            items.push((self.convert)(text)?);
            if stop == '}' {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(Value::List(items));
            }
        }
    }

    fn json(&mut self) -> Step<Value> {
        if self.skip_empty() {
            return Ok(Value::Null);
        }
        let (value, end) = json::read_prefix(self.rest.as_bytes()).map_err(SetError::Json)?;
        self.rest = &self.rest[end..];
        self.skip_empty();
        Ok(value)
    }

    /// Moves over spaces, and over a comma behind them; whether nothing but those stood here.
    fn skip_empty(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(',') {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => self.rest.is_empty(),
        }
    }

    fn index(&mut self) -> Step<i64> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        text.parse().map_err(|_| SetError::IndexSyntax(text).into())
    }

    /// What follows `]`: a value, a further index, or a key inside the item.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Step<()> {
        if index < 0 {
            return Err(SetError::NegativeIndex(index).into());
        }
        let (between, stop) = self.until(&['[', '.', '=']);
        if !between.is_empty() {
            return Err(SetError::AfterIndex(between).into());
        }
        let value = match stop {
            None => return Err(Stop::End),
            Some('=') if self.mode == Mode::Json => self.json()?,
            Some('=') if self.rest.is_empty() => Value::from(""),
            Some('=') => self.value()?,
            Some('[') => {
                let next = self.index()?;
                let mut inner = nested_list(list, index)?;
                self.item(&mut inner, next, level)?;
                Value::List(inner)
            }
            Some(_) => {
                let mut inner = nested_map(list, index);
                let done = self.key(&mut inner, level);
                // A map that was there keeps what was written into it, even where the text then ends.
                if let Some(held) = usize::try_from(index).ok().and_then(|index| list.get_mut(index)) {
                    *held = Value::Map(inner.clone());
                }
                done?;
                Value::Map(inner)
            }
        };
        set_index(list, index, value)
    }
}

/// A key that is empty is left out.
pub(super) fn put(target: &mut Object, key: String, value: Value) {
    if !key.is_empty() {
        target.insert(key, value);
    }
}

pub(super) fn existing_list(target: &Object, key: &str) -> Step<Vec<Value>> {
    match target.get(key) {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items.clone()),
        Some(other) => {
            Err(SetError::WrongKind { key: key.to_owned(), found: other.kind(), wanted: "list" }.into())
        }
    }
}

pub(super) fn existing_map(target: &Object, key: &str) -> Step<Object> {
    match target.get(key) {
        None => Ok(Object::new()),
        Some(Value::Map(members)) => Ok(members.clone()),
        Some(other) => {
            Err(SetError::WrongKind { key: key.to_owned(), found: other.kind(), wanted: "map" }.into())
        }
    }
}

pub(super) fn nested_list(list: &[Value], index: i64) -> Step<Vec<Value>> {
    match usize::try_from(index).ok().and_then(|index| list.get(index)) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items.clone()),
        Some(other) => {
            let key = format!("[{index}]");
            Err(SetError::WrongKind { key, found: other.kind(), wanted: "list" }.into())
        }
    }
}

/// The map at `index`; anything else that stands there is replaced by an empty one.
pub(super) fn nested_map(list: &mut [Value], index: i64) -> Object {
    match usize::try_from(index).ok().and_then(|index| list.get_mut(index)) {
        None => Object::new(),
        Some(Value::Map(members)) => members.clone(),
        Some(other) => {
            *other = Value::Map(Object::new());
            Object::new()
        }
    }
}

pub(super) fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Step<()> {
    if index > MAX_INDEX {
        return Err(SetError::IndexTooLarge { index, limit: MAX_INDEX }.into());
    }
    let index = usize::try_from(index).map_err(|_| SetError::NegativeIndex(index))?;
    if list.len() <= index {
        list.resize(index + 1, Value::Null);
    }
    list[index] = value;
    Ok(())
}
