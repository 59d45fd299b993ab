//! Values whose tables are shared by reference, as Go's maps are.
//!
//! Helm's coalescing copies some tables and shares others, and what it writes through one reference shows
//! through the other: part of a subchart's `global` defaults turn up in its parent. To give the same values,
//! the same tables are shared here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::error::ValuesError;
use crate::chart::template::{self, Text};
use crate::chart::value::{Object, Value};

/// A table that several places may hold.
pub(super) type Table = Rc<RefCell<BTreeMap<Rc<str>, Node>>>;

/// A value in which tables are shared.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Anything that is no table.
    Leaf(Rc<Value>),
    Table(Table),
}

/// Levels of nesting that values may have; more means that tables hold each other.
const MAX_DEPTH: usize = 500;

impl Node {
    pub(super) fn null() -> Self {
        Self::Leaf(Rc::new(Value::Null))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Leaf(leaf) if leaf.is_null())
    }

    pub(super) fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Leaf(_) => None,
        }
    }

    /// What kind of value this is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "map",
            Self::Leaf(leaf) => leaf.kind(),
        }
    }

    fn from_value(value: Value) -> Self {
        match value {
            Value::Map(members) => Self::Table(from_object(members)),
            other => Self::Leaf(Rc::new(other)),
        }
    }
}

/// The members as a table, nothing in it shared.
pub(super) fn from_object(members: Object) -> Table {
    let nodes = members.into_iter().map(|(key, value)| (key.into(), Node::from_value(value))).collect();
    Rc::new(RefCell::new(nodes))
}

/// The values again, without sharing.
pub(super) fn to_object(table: &Table) -> Result<Object, ValuesError> {
    object_at(table, 0)
}

fn object_at(table: &Table, depth: usize) -> Result<Object, ValuesError> {
    if depth > MAX_DEPTH {
        return Err(ValuesError::Endless);
    }
    let value = |(key, node): (&Rc<str>, &Node)| {
        let value = match node {
            Node::Leaf(leaf) => leaf.as_ref().clone(),
            Node::Table(table) => Value::Map(object_at(table, depth + 1)?),
        };
        Ok((key.to_string(), value))
    };
    table.borrow().iter().map(value).collect()
}

/// As `.Values` of a template, without sharing.
pub(super) fn to_template(table: &Table) -> Result<template::Object, ValuesError> {
    members_at(table, 0).map(template::Object::values_of)
}

fn members_at(table: &Table, depth: usize) -> Result<Vec<(Text, template::Object)>, ValuesError> {
    if depth > MAX_DEPTH {
        return Err(ValuesError::Endless);
    }
    let member = |(key, node): (&Rc<str>, &Node)| {
        let value = match node {
            Node::Leaf(leaf) => template::Object::from(leaf.as_ref()),
            Node::Table(table) => template::Object::map_of(members_at(table, depth + 1)?),
        };
        Ok((Text::from(Rc::clone(key)), value))
    };
    table.borrow().iter().map(member).collect()
}

/// A copy all of whose tables are new. What is no table never changes, and is shared.
pub(super) fn deep_copy(table: &Table) -> Result<Table, ValuesError> {
    copy_at(table, 0)
}

fn copy_at(table: &Table, depth: usize) -> Result<Table, ValuesError> {
    if depth > MAX_DEPTH {
        return Err(ValuesError::Endless);
    }
    let mut members = table.borrow().clone();
    for node in members.values_mut() {
        if let Node::Table(table) = node {
            *table = copy_at(table, depth + 1)?;
        }
    }
    Ok(Rc::new(RefCell::new(members)))
}

/// A new table that shares what is in it.
pub(super) fn shallow_copy(table: &Table) -> Table {
    Rc::new(RefCell::new(table.borrow().clone()))
}

/// What the table holds right now; to work through it while it changes.
pub(super) fn entries(table: &Table) -> Vec<(Rc<str>, Node)> {
    table.borrow().iter().map(|(key, node)| (Rc::clone(key), node.clone())).collect()
}

pub(super) fn get(table: &Table, key: &str) -> Option<Node> {
    table.borrow().get(key).cloned()
}

pub(super) fn insert(table: &Table, key: impl Into<Rc<str>>, node: Node) {
    table.borrow_mut().insert(key.into(), node);
}

pub(super) fn remove(table: &Table, key: &str) {
    table.borrow_mut().remove(key);
}

pub(super) fn new_table() -> Table {
    Rc::default()
}

/// The table reached by following a path of names separated by dots.
pub(super) fn table_at(table: &Table, path: &str) -> Option<Table> {
    path.split('.').try_fold(table.clone(), |table, name| get(&table, name)?.table().cloned())
}
