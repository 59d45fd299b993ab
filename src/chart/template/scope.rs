//! Which template a name means.
//!
//! A `tpl` call sees everything its caller sees and may define more, which only it and what it calls can
//! see: a chain of scopes instead of Helm's copies.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use memchr::memmem;

use super::error::Error;
use super::node::{Source, Tree};
use super::parser::{Parsed, parse};

/// A set of named templates on top of another.
#[derive(Debug, Default)]
pub(super) struct Scope {
    trees: RefCell<HashMap<Rc<str>, Rc<Tree>>>,
    parent: Option<Rc<Self>>,
    /// Files that define nothing, by name: parsed when they are wanted, and not kept for being rendered once.
    waiting: BTreeMap<String, Rc<Source>>,
}

impl Scope {
    /// The templates of files, in the order in which later ones replace earlier ones.
    ///
    /// # Errors
    /// A file that defines templates is none, or one before it.
    pub(super) fn of(files: Vec<Source>) -> Result<Rc<Self>, Box<Error>> {
        let files: Vec<Rc<Source>> = files.into_iter().map(Rc::new).collect();
        let mut scope = Self::default();
        let mut waiting = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            if !defines(&file.text) {
                waiting.insert(file.name.clone(), Rc::clone(file));
                continue;
            }
            match parse(file) {
                Ok(parsed) => scope.add(&parsed),
                Err(fault) => return Err(first_fault(&files[..at]).unwrap_or(fault)),
            }
        }
        // Where a file has the name of a template, the order decides which it is.
        if waiting.keys().any(|name| scope.trees.borrow().contains_key(name.as_str())) {
            scope = Self::default();
            for file in &files {
                scope.add(&parse(file)?);
            }
        } else {
            scope.waiting = waiting;
        }
        Ok(Rc::new(scope))
    }

    /// What is wrong with the first file, in this order of names, that waits and is none.
    pub(super) fn fault(&self, order: &[String]) -> Option<Box<Error>> {
        first_fault(order.iter().filter_map(|name| self.waiting.get(name)))
    }

    /// An empty set on top of `parent`.
    pub(super) fn inside(parent: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(parent)), ..Self::default() })
    }

    /// The template of that name.
    ///
    /// # Errors
    /// It is a file that waited, and is none.
    pub(super) fn find(&self, name: &str) -> Result<Option<Rc<Tree>>, Box<Error>> {
        let mut scope = self;
        loop {
            if let Some(tree) = scope.trees.borrow().get(name) {
                return Ok(Some(Rc::clone(tree)));
            }
            if let Some(source) = scope.waiting.get(name) {
                let tree = parse(source)?.main;
                scope.trees.borrow_mut().insert(Rc::clone(&tree.name), Rc::clone(&tree));
                return Ok(Some(tree));
            }
            let Some(parent) = scope.parent.as_deref() else { return Ok(None) };
            scope = parent;
        }
    }

    /// The template of a file that is to be rendered: as [`Self::find`], but one that waited is not kept.
    ///
    /// # Errors
    /// It is a file that waited, and is none.
    pub(super) fn file(&self, name: &str) -> Result<Option<Rc<Tree>>, Box<Error>> {
        match self.waiting.get(name) {
            Some(source) if !self.trees.borrow().contains_key(name) => Ok(Some(parse(source)?.main)),
            _ => self.find(name),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.trees.borrow().contains_key(name)
            || self.waiting.contains_key(name)
            || self.parent.as_ref().is_some_and(|parent| parent.has(name))
    }

    /// Adds what a source defines. A later template replaces an earlier one, unless it is empty.
    pub(super) fn add(&self, parsed: &Parsed) {
        for tree in parsed.defined.iter().chain([&parsed.main]) {
            if tree.is_empty() && self.has(&tree.name) {
                continue;
            }
            self.trees.borrow_mut().insert(Rc::clone(&tree.name), Rc::clone(tree));
        }
    }

    /// All names, sorted, for hints.
    pub(super) fn names(&self) -> Vec<Rc<str>> {
        let mut names: Vec<_> = self.trees.borrow().keys().cloned().collect();
        names.extend(self.waiting.keys().map(|name| Rc::from(name.as_str())));
        if let Some(parent) = &self.parent {
            names.extend(parent.names());
        }
        names.sort();
        names
    }
}

/// Whether a source may hold a `define` or a `block`.
fn defines(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), b"{{").any(|at| {
        // Of three braces, an action may begin at the second.
        let action = text[at + 2..].trim_start_matches('{');
        let action = action.strip_prefix('-').unwrap_or(action).trim_start_matches([' ', '\t', '\r', '\n']);
        action.starts_with("define") || action.starts_with("block")
    })
}

fn first_fault<'a>(files: impl IntoIterator<Item = &'a Rc<Source>>) -> Option<Box<Error>> {
    files.into_iter().find_map(|file| parse(file).err())
}
