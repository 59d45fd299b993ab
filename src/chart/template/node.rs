//! The syntax tree of a template.

use std::rc::Rc;

use super::code::{At, Code, Run};
use super::number::Number;
use super::text::Text;
use crate::chart::functions::Function;

/// A stretch of the source, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A source file (or the text given to `tpl`), kept for error messages.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    /// Line and column (both from 1, the column in bytes) of an offset.
    pub(super) fn position(&self, offset: u32) -> (usize, usize) {
        let before = &self.text.as_bytes()[..(offset as usize).min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.len() - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) + 1;
        (line, column)
    }

    /// The text of a span.
    pub(super) fn part(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text of a span, on one line and not too long.
    pub(super) fn excerpt(&self, span: Span) -> String {
        let words = self.part(span).split_whitespace().collect::<Vec<_>>().join(" ");
        if words.chars().count() <= 60 {
            return words;
        }
        let start: String = words.chars().take(57).collect();
        format!("{start}...")
    }
}

/// One template: a file's main text, or a `define` in it.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) name: Rc<str>,
    pub(super) source: Rc<Source>,
    pub(super) code: Rc<Code>,
    pub(super) nodes: Run<Node>,
}

impl Tree {
    /// Whether there is nothing but white space; such a tree does not take the place of another.
    pub(super) fn is_empty(&self) -> bool {
        is_blank(&self.code.nodes[self.nodes], &self.source)
    }
}

/// Whether these nodes are nothing but white space.
pub(super) fn is_blank(nodes: &[Node], source: &Source) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(span) => source.part(*span).trim().is_empty(),
        _ => false,
    })
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// What stands in the source there.
    Text(Span),
    Action(Pipe),
    If(At<Branch>),
    With(At<Branch>),
    Range(At<Branch>),
    Template {
        span: Span,
        name: At<Rc<str>>,
        pipe: Option<At<Pipe>>,
    },
    Break,
    Continue,
}

/// The common form of `if`, `with` and `range`.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) body: Run<Node>,
    pub(super) otherwise: Run<Node>,
}

/// Commands whose results flow into one another, and the variables that take the last result.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) span: Span,
    /// Their names.
    pub(super) variables: Run<Rc<str>>,
    /// Whether the variables exist already (`=`) or are made here (`:=`).
    pub(super) assigns: bool,
    pub(super) commands: Run<Command>,
}

/// A function, field or value with its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) span: Span,
    pub(super) operands: Run<Operand>,
}

/// A function, field, value or parenthesised pipeline.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) span: Span,
    pub(super) kind: OperandKind,
}

/// What an operand is.
#[derive(Debug)]
pub(super) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(At<Number>),
    Text(At<Text>),
    Field(Run<Text>),
    Variable(At<Rc<str>>, Run<Text>),
    Chain(At<Operand>, Run<Text>),
    Function(&'static Function),
    Pipe(At<Pipe>),
}
