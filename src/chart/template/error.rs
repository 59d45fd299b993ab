//! What went wrong in a template, where, and what to do about it.

use std::fmt;
use std::rc::Rc;

use super::node::{Source, Span};

/// A template that could not be parsed or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What kind of failure this is.
    pub kind: ErrorKind,
    /// What happened, as a lower-case fragment.
    pub message: String,
    /// Where it happened, and the calls that led there, innermost first.
    pub frames: Vec<Frame>,
    /// The expression that gave nil where a value was needed.
    pub nil: Option<String>,
    /// What may help.
    pub hint: Option<String>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The source is no template.
    Parse,
    /// An action failed.
    Execution,
    /// The chart itself said no, by `fail` or `required`.
    Refused,
    /// A bound on depth, steps, output or memory was reached.
    Bound,
}

/// One step of the way to an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The file, for example `chart/templates/deployment.yaml`, or `gotpl` for text given to `tpl`.
    pub file: String,
    /// The template within the file, if it is a `define`d one.
    pub template: Option<String>,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// The expression at work.
    pub expression: String,
}

impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)?;
        if let Some(template) = &self.template {
            write!(formatter, " in {template:?}")?;
        }
        if !self.expression.is_empty() {
            write!(formatter, " at <{}>", self.expression)?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(frame) = self.frames.first() {
            write!(formatter, "{frame}: ")?;
        }
        formatter.write_str(&self.message)?;
        if let Some(nil) = &self.nil {
            write!(formatter, " ({nil} is nil)")?;
        }
        for frame in self.frames.iter().skip(1) {
            write!(formatter, "\n  called from {frame}")?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl Error {
    /// A failure with no place yet.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { kind, message: message.into(), frames: Vec::new(), nil: None, hint: None })
    }

    /// A fault in the source at a byte offset.
    pub(super) fn parse(source: &Rc<Source>, offset: u32, message: String) -> Box<Self> {
        let mut error = Self::new(ErrorKind::Parse, message);
        let (line, column) = source.position(offset);
        let expression = String::new();
        error.frames.push(Frame { file: source.name.clone(), template: None, line, column, expression });
        error
    }

    /// Adds the place, or the next caller.
    pub(super) fn at(mut self: Box<Self>, source: &Source, template: &str, span: Span) -> Box<Self> {
        // A deep recursion repeats itself: the inner end says what is wrong, the outer end who began.
        const KEPT: usize = 40;
        let (line, column) = source.position(span.start);
        let template = (template != source.name).then(|| template.to_owned());
        let expression = source.excerpt(span);
        if self.frames.len() >= KEPT {
            self.frames.remove(KEPT / 2);
        }
        self.frames.push(Frame { file: source.name.clone(), template, line, column, expression });
        self
    }
}

/// Why a function failed; its caller adds the place.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The function itself refused its arguments.
    Message(String),
    /// A template that it ran failed, or a bound was reached.
    Template(Box<Error>),
}

impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}

impl From<Box<Error>> for Fault {
    fn from(error: Box<Error>) -> Self {
        Self::Template(error)
    }
}
