//! Where the parts of a source's trees are kept: side by side in a few lists, each named by its place in its list.
//!
//! A file has thousands of them. In boxes of their own, making and freeing them would take longer than reading it.

use std::marker::PhantomData;
use std::ops::Index;
use std::rc::Rc;

use super::node::{Branch, Command, Node, Operand, Pipe};
use super::number::Number;
use super::text::Text;

/// All that the trees of one source are made of.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) nodes: Entries<Node>,
    pub(super) branches: Entries<Branch>,
    pub(super) pipes: Entries<Pipe>,
    pub(super) commands: Entries<Command>,
    pub(super) operands: Entries<Operand>,
    pub(super) numbers: Entries<Number>,
    /// Names of fields, and literals.
    pub(super) texts: Entries<Text>,
    /// Names of variables and templates.
    pub(super) words: Entries<Rc<str>>,
}

/// Entries that are only ever added.
#[derive(Debug)]
pub(super) struct Entries<T>(Vec<T>);

/// The place of one entry.
#[derive(Debug)]
pub(super) struct At<T>(u32, PhantomData<fn() -> T>);

/// The places of entries side by side.
#[derive(Debug)]
pub(super) struct Run<T>(u32, u32, PhantomData<fn() -> T>);

impl<T> Entries<T> {
    /// Adds an entry.
    pub(super) fn add(&mut self, entry: T) -> At<T> {
        self.0.push(entry);
        At(self.0.len() as u32 - 1, PhantomData)
    }

    /// Adds entries side by side.
    pub(super) fn extend(&mut self, entries: impl IntoIterator<Item = T>) -> Run<T> {
        let start = self.0.len() as u32;
        self.0.extend(entries);
        Run(start, self.0.len() as u32, PhantomData)
    }
}

impl<T> Run<T> {
    /// Each place.
    pub(super) fn places(self) -> impl Iterator<Item = At<T>> {
        (self.0..self.1).map(|at| At(at, PhantomData))
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == self.1
    }
}

impl<T> Index<At<T>> for Entries<T> {
    type Output = T;

    fn index(&self, at: At<T>) -> &T {
        &self.0[at.0 as usize]
    }
}

impl<T> Index<Run<T>> for Entries<T> {
    type Output = [T];

    fn index(&self, run: Run<T>) -> &[T] {
        &self.0[run.0 as usize..run.1 as usize]
    }
}

// Derived, these would hold only for a `T` that has them.

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Run<T> {
    fn default() -> Self {
        Self(0, 0, PhantomData)
    }
}

impl<T> Clone for At<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for At<T> {}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Run<T> {}
