//! Which template a name means.
//!
//! A `tpl` call sees everything its caller sees and may define more, which only it and what it calls can
//! see: a chain of scopes instead of Helm's copies.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::node::Tree;
use super::parser::Parsed;

/// A set of named templates on top of another.
#[derive(Debug, Default)]
pub(super) struct Scope {
    trees: RefCell<HashMap<Rc<str>, Rc<Tree>>>,
    parent: Option<Rc<Self>>,
}

impl Scope {
    /// An empty set on top of `parent`.
    pub(super) fn inside(parent: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self { trees: RefCell::default(), parent: Some(Rc::clone(parent)) })
    }

    /// The template of that name.
    pub(super) fn find(&self, name: &str) -> Option<Rc<Tree>> {
        let mut scope = self;
        loop {
            if let Some(tree) = scope.trees.borrow().get(name) {
                return Some(Rc::clone(tree));
            }
            scope = scope.parent.as_deref()?;
        }
    }

    /// Adds what a source defines. A later template replaces an earlier one, unless it is empty.
    pub(super) fn add(&self, parsed: &Parsed) {
        for tree in parsed.defined.iter().chain([&parsed.main]) {
            if tree.is_empty() && self.find(&tree.name).is_some() {
                continue;
            }
            self.trees.borrow_mut().insert(Rc::clone(&tree.name), Rc::clone(tree));
        }
    }

    /// All names, sorted, for hints.
    pub(super) fn names(&self) -> Vec<Rc<str>> {
        let mut names: Vec<_> = self.trees.borrow().keys().cloned().collect();
        if let Some(parent) = &self.parent {
            names.extend(parent.names());
        }
        names.sort();
        names
    }
}
