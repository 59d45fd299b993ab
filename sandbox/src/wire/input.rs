//! A decoded request: a tree typed by the service model that remembers which of its members were read.
//!
//! Operations read members by their model name. What was sent and not read when an operation succeeds is a
//! parameter that the sandbox does not model, and the call is refused with a 501 that names it.

use std::cell::Cell;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::failure::Failure;
use super::model::Member;

/// The members that a structure may have, by name.
pub type Known = &'static BTreeMap<String, Member>;

/// One node of a request.
#[derive(Debug)]
pub struct Input {
    pub(super) kind: Kind,
    read: Cell<bool>,
}

/// What a node holds.
#[derive(Debug)]
pub(super) enum Kind {
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Blob(Bytes),
    /// Milliseconds since 1970.
    Time(i64),
    List(Vec<Input>),
    Structure(Known, Vec<(&'static str, Input)>),
    Map(Vec<(String, Input)>),
}

impl Input {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, read: Cell::new(false) }
    }

    /// The member called `name`, if it was sent. Marks it as read, but not what is inside it.
    ///
    /// In a debug build a name that the model does not have is a panic: it is a typing mistake of ours, and it
    /// would otherwise read as "not sent" for ever.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.read.set(true);
        let Kind::Structure(known, members) = &self.kind else { return None };
        debug_assert!(known.contains_key(name), "the model has no member {name}");
        let (_, found) = members.iter().find(|(member, _)| *member == name)?;
        found.read.set(true);
        Some(found)
    }

    /// A text member.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// A text member that the operation cannot do without although the model does not require it.
    ///
    /// # Errors
    /// `MissingParameter` when it was not sent.
    pub fn need(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| {
            Failure::new("MissingParameter", format!("The request must contain the parameter {name}"))
        })
    }

    /// A text member, empty when it was not sent. For members that the model requires.
    pub fn str(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// A yes-or-no member.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.kind {
            Kind::Flag(value) => Some(value),
            _ => None,
        }
    }

    /// An integer member.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_integer()
    }

    /// A floating point member (integers included).
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)?.kind {
            Kind::Number(value) => Some(value),
            #[expect(clippy::cast_precision_loss, reason = "request values are far below 2^52")]
            Kind::Integer(value) => Some(value as f64),
            _ => None,
        }
    }

    /// A timestamp member in milliseconds since 1970.
    pub fn time(&self, name: &str) -> Option<i64> {
        match self.get(name)?.kind {
            Kind::Time(value) => Some(value),
            _ => None,
        }
    }

    /// A binary member.
    pub fn blob(&self, name: &str) -> Option<&Bytes> {
        match &self.get(name)?.kind {
            Kind::Blob(value) => Some(value),
            _ => None,
        }
    }

    /// The entries of a list member; empty when it was not sent.
    pub fn list(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::entries)
    }

    /// The texts of a list member; empty when it was not sent.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(|entry| entry.as_text().map(str::to_owned)).collect()
    }

    /// A map member from text to text; empty when it was not sent.
    pub fn pairs(&self, name: &str) -> BTreeMap<String, String> {
        let Some(Self { kind: Kind::Map(entries), .. }) = self.get(name) else { return BTreeMap::new() };
        entries.iter().filter_map(|(key, value)| Some((key.clone(), value.as_text()?.to_owned()))).collect()
    }

    /// True when the member was sent, whatever it holds.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// True when the type has a member of this name, sent or not.
    pub fn knows(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Structure(known, _) if known.contains_key(name))
    }

    /// The whole member as JSON, all of it read. Only for what is stored and shown again as it came.
    pub fn tree(&self, name: &str) -> Option<Value> {
        Some(self.get(name)?.value())
    }

    /// Reads a member of which the sandbox models one value only.
    ///
    /// # Errors
    /// A 501 that names the member when it holds another value.
    pub fn only(&self, name: &str, modelled: &str) -> Result<(), Failure> {
        match self.get(name).map(Self::value) {
            None => Ok(()),
            Some(Value::String(text)) if text == modelled => Ok(()),
            Some(Value::Bool(flag)) if modelled == if flag { "true" } else { "false" } => Ok(()),
            Some(Value::Number(number)) if number.to_string() == modelled => Ok(()),
            Some(other) => Err(Failure::unmodelled(format!("{name} = {other}"))),
        }
    }

    /// The text of this node.
    pub fn as_text(&self) -> Option<&str> {
        self.read.set(true);
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer of this node.
    pub fn as_integer(&self) -> Option<i64> {
        self.read.set(true);
        match self.kind {
            Kind::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The entries of this node, if it is a list.
    pub fn entries(&self) -> &[Self] {
        self.read.set(true);
        match &self.kind {
            Kind::List(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of this node, if it is a map.
    pub fn map_entries(&self) -> &[(String, Self)] {
        self.read.set(true);
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// This node as JSON, all of it read. Bytes become base64, moments become seconds.
    pub fn value(&self) -> Value {
        self.read.set(true);
        match &self.kind {
            Kind::Text(text) => Value::from(text.as_str()),
            Kind::Integer(value) => Value::from(*value),
            Kind::Number(value) => Value::from(*value),
            Kind::Flag(value) => Value::from(*value),
            Kind::Blob(bytes) => Value::from(STANDARD.encode(bytes)),
            Kind::Time(millis) => crate::clock::Time(*millis).value(),
            Kind::List(entries) => entries.iter().map(Self::value).collect(),
            Kind::Structure(_, members) => Value::Object(
                members
                    .iter()
                    .map(|(name, input)| ((*name).to_owned(), input.value()))
                    .collect::<Map<_, _>>(),
            ),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|(name, input)| (name.clone(), input.value())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// Like [`Input::value`] without marking anything as read: for hashing a request.
    pub(crate) fn peek(&self) -> Value {
        let before: Vec<bool> = self.marks();
        let value = self.value();
        self.restore(&mut before.into_iter());
        value
    }

    /// The paths of all members that were sent and not read.
    pub fn unread(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect_unread("", &mut found);
        found
    }

    fn collect_unread(&self, path: &str, found: &mut Vec<String>) {
        let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if !self.read.get() && !path.is_empty() {
            found.push(path.to_owned());
            return;
        }
        match &self.kind {
            Kind::List(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    entry.collect_unread(&inside(&(index + 1).to_string()), found);
                }
            }
            Kind::Structure(_, members) => {
                for (name, input) in members {
                    input.collect_unread(&inside(name), found);
                }
            }
            Kind::Map(entries) => {
                for (name, input) in entries {
                    input.collect_unread(&inside(name), found);
                }
            }
            _ => {}
        }
    }

    fn children(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::List(entries) => entries.iter().collect(),
            Kind::Structure(_, members) => members.iter().map(|(_, input)| input).collect(),
            Kind::Map(entries) => entries.iter().map(|(_, input)| input).collect(),
            _ => Vec::new(),
        }
    }

    fn marks(&self) -> Vec<bool> {
        let mut marks = vec![self.read.get()];
        marks.extend(self.children().into_iter().flat_map(Self::marks));
        marks
    }

    fn restore(&self, marks: &mut impl Iterator<Item = bool>) {
        self.read.set(marks.next().unwrap_or(true));
        for child in self.children() {
            child.restore(marks);
        }
    }
}
