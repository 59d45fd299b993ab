//! A TOML document in which every value knows where it was written.

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{Path, Place, Segment};

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    String(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// Dates and times, and numbers that no setting can hold: right TOML, but nothing of ours is of that type.
    Other(&'static str),
    Array(Vec<Node>),
    Table(Table),
}

/// The entries of a table, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key, where it was written, and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }
}

impl Node {
    /// Takes a parsed document; `file` is its number in the sources.
    pub(super) fn from_document(document: &Spanned<DeTable<'_>>, file: usize) -> Self {
        let value = Value::Table(table(document.get_ref(), file));
        Self { place: Place::new(file, document.span()), value }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    pub(super) fn as_table_mut(&mut self) -> Option<&mut Table> {
        if let Value::Table(table) = &mut self.value { Some(table) } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The `name` of a named table.
    pub(super) fn name(&self) -> Option<&str> {
        self.as_table()?.get("name")?.node.as_str()
    }

    /// What a person would call the value's type.
    pub(super) fn type_name(&self) -> &'static str {
        match &self.value {
            Value::String(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a decimal number",
            Value::Boolean(_) => "a boolean",
            Value::Other(what) => what,
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
        }
    }

    /// The value at a path.
    pub(super) fn at(&self, path: &Path) -> Option<&Self> {
        path.segments().iter().try_fold(self, |node, segment| node.step(segment))
    }

    fn step(&self, segment: &Segment) -> Option<&Self> {
        match (&self.value, segment) {
            (Value::Table(table), Segment::Key(key)) => table.get(key).map(|entry| &entry.node),
            (Value::Array(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    /// Where the key at the end of a path was written, or the value where there is no key.
    pub(super) fn key_place(&self, path: &Path) -> Option<Place> {
        let (last, _) = path.segments().split_last()?;
        let parent = self.at(&path.parent()?)?;
        match (parent.as_table(), last) {
            (Some(table), Segment::Key(key)) => table.get(key).map(|entry| entry.key_place.clone()),
            _ => parent.step(last).map(|node| node.place.clone()),
        }
    }

    /// The nearest value that was written on the way to a path: itself, or the table it is missing from.
    pub(super) fn nearest(&self, path: &Path) -> &Self {
        let mut node = self;
        for segment in path.segments() {
            match node.step(segment) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The value at a path, to be changed.
    fn at_mut(&mut self, path: &Path) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |node, segment| match (&mut node.value, segment) {
            (Value::Table(table), Segment::Key(key)) => table.get_mut(key).map(|entry| &mut entry.node),
            (Value::Array(items), Segment::Index(index)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Takes the value at a path out of its table or array.
    pub(super) fn prune(&mut self, path: &Path) {
        let (Some(last), Some(parent)) = (path.segments().last(), path.parent()) else { return };
        match (self.at_mut(&parent).map(|node| &mut node.value), last) {
            (Some(Value::Table(table)), Segment::Key(key)) => drop(table.remove(key)),
            (Some(Value::Array(items)), Segment::Index(index)) if *index < items.len() => {
                drop(items.remove(*index));
            }
            _ => {}
        }
    }

    /// Puts a value where there is none; its place is that of the table it is put in.
    pub(super) fn fill(&mut self, path: &Path, json: &Json) {
        let (Some(Segment::Key(key)), Some(parent)) = (path.segments().last(), path.parent()) else { return };
        let Some(parent) = self.at_mut(&parent) else { return };
        let place = parent.place.clone();
        let node = Self::from_json(json, &place);
        if let Some(table) = parent.as_table_mut().filter(|table| table.get(key).is_none()) {
            table.entries.push(Entry { key: key.clone(), key_place: place, node });
        }
    }

    fn from_json(json: &Json, place: &Place) -> Self {
        let value = match json {
            Json::Null => Value::Other("nothing"),
            Json::Bool(truth) => Value::Boolean(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Value::Integer(integer),
                None => Value::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Value::String(text.clone()),
            Json::Array(items) => {
                Value::Array(items.iter().map(|item| Self::from_json(item, place)).collect())
            }
            Json::Object(map) => {
                let entry = |(key, value): (&String, &Json)| Entry {
                    key: key.clone(),
                    key_place: place.clone(),
                    node: Self::from_json(value, place),
                };
                Value::Table(Table { entries: map.iter().map(entry).collect() })
            }
        };
        Self { place: place.clone(), value }
    }

    /// The value as JSON, in which whatever is of no type that settings have is null.
    pub(super) fn to_json(&self) -> Json {
        match &self.value {
            Value::String(text) => Json::String(text.clone()),
            Value::Integer(number) => Json::from(*number),
            Value::Float(number) => serde_json::Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Value::Boolean(truth) => Json::Bool(*truth),
            Value::Other(_) => Json::Null,
            Value::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Table(table) => {
                Json::Object(table.entries.iter().map(|e| (e.key.clone(), e.node.to_json())).collect())
            }
        }
    }
}

fn table(table: &DeTable<'_>, file: usize) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        Entry {
            key: key.get_ref().clone().into_owned(),
            key_place: Place::new(file, key.span()),
            node: node(value, file),
        }
    };
    Table { entries: table.iter().map(entry).collect() }
}

fn node(value: &Spanned<DeValue<'_>>, file: usize) -> Node {
    let place = Place::new(file, value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number beyond 64 bits"), Value::Integer),
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::Other("a number that is not finite"),
        },
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(_) => Value::Other("a date or time"),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| node(item, file)).collect()),
        DeValue::Table(inner) => Value::Table(table(inner, file)),
    };
    Node { place, value }
}
