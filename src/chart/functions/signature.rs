//! What a function takes and how it is run.

use std::rc::Rc;

use crate::chart::template::{Execution, Fault, Map, Meter, Native, Object, Text, Time};

/// A function or method that templates can call.
#[derive(Debug)]
pub(crate) struct Function {
    /// The name in templates.
    pub(crate) name: &'static str,
    /// The types of the parameters that must be given.
    pub(crate) parameters: &'static [Type],
    /// The type of any further arguments; none if there may be none.
    pub(crate) rest: Option<Type>,
    /// How many steps a call counts as.
    pub(crate) cost: u64,
    /// What it does.
    pub(crate) run: Run,
}

/// What comes of a call.
pub(crate) type Outcome = Result<Object, Fault>;

/// How a function is run.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// From its arguments alone.
    Pure(fn(&[Object]) -> Outcome),
    /// From its arguments; it counts what it makes before it makes it.
    Metered(fn(&Meter, &[Object]) -> Outcome),
    /// With the engine: other templates, options and the host.
    Engine(fn(&mut Execution<'_>, &[Object]) -> Outcome),
    /// `or` (true) and `and` (false): the first argument of that truth decides.
    ShortCircuit(bool),
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Run")
    }
}

/// The Go type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`, which Go's own functions take: anything, looked at but not copied.
    Reflect,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint32`
    Uint32,
    /// `float64`
    Float,
    /// `string`
    Text,
    /// `map[string]interface {}`
    Map,
    /// `[]interface {}`
    List,
    /// `time.Time`
    Time,
    /// `time.Duration`
    Duration,
    /// `*semver.Version`
    Version,
    /// `sprig.certificate`
    Certificate,
}

impl Type {
    /// Whether every value fits.
    pub(crate) fn is_any(self) -> bool {
        matches!(self, Self::Any | Self::Reflect)
    }

    /// Go's name of the type.
    pub(crate) fn go_type(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint32 => "uint32",
            Self::Float => "float64",
            Self::Text => "string",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Time => "time.Time",
            Self::Duration => "time.Duration",
            Self::Version => "*semver.Version",
            Self::Certificate => "sprig.certificate",
        }
    }
}

impl Function {
    /// A function of its arguments alone.
    pub(crate) const fn pure(
        name: &'static str,
        parameters: &'static [Type],
        run: fn(&[Object]) -> Outcome,
    ) -> Self {
        Self { name, parameters, rest: None, cost: 1, run: Run::Pure(run) }
    }

    /// A function that counts what it makes.
    pub(crate) const fn metered(
        name: &'static str,
        parameters: &'static [Type],
        run: fn(&Meter, &[Object]) -> Outcome,
    ) -> Self {
        Self { name, parameters, rest: None, cost: 1, run: Run::Metered(run) }
    }

    /// A function that needs the engine.
    pub(crate) const fn engine(
        name: &'static str,
        parameters: &'static [Type],
        run: fn(&mut Execution<'_>, &[Object]) -> Outcome,
    ) -> Self {
        Self { name, parameters, rest: None, cost: 1, run: Run::Engine(run) }
    }

    /// The same with further arguments of a type.
    pub(crate) const fn and_more(mut self, rest: Type) -> Self {
        self.rest = Some(rest);
        self
    }

    /// The same, counted as so many steps.
    pub(crate) const fn costing(mut self, cost: u64) -> Self {
        self.cost = cost;
        self
    }
}

/// Typed access to arguments whose types the evaluator has checked.
///
/// An access that does not fit the declared types gives that type's zero value; it cannot happen, and must
/// not take the process down if it does.
pub(crate) trait Arguments {
    /// An argument as text.
    fn text(&self, at: usize) -> Text;
    /// An argument as `int`.
    fn int(&self, at: usize) -> i64;
    /// An argument as `bool`.
    fn truth(&self, at: usize) -> bool;
    /// An argument as a map.
    fn map(&self, at: usize) -> Map;
    /// An argument as a time.
    fn time(&self, at: usize) -> Rc<Time>;
    /// An argument of any type.
    fn any(&self, at: usize) -> &Object;
    /// The arguments from a place on.
    fn rest(&self, from: usize) -> &[Object];
}

impl Arguments for [Object] {
    fn text(&self, at: usize) -> Text {
        self.any(at).as_text().cloned().unwrap_or_else(|| Text::from(""))
    }

    fn int(&self, at: usize) -> i64 {
        match self.any(at) {
            Object::Int(_, number) => *number,
            _ => 0,
        }
    }

    fn truth(&self, at: usize) -> bool {
        matches!(self.any(at), Object::Bool(true))
    }

    fn map(&self, at: usize) -> Map {
        self.any(at).as_map().cloned().unwrap_or_else(Map::nil)
    }

    fn time(&self, at: usize) -> Rc<Time> {
        match self.any(at) {
            Object::Native(Native::Time(time)) => Rc::clone(time),
            _ => Rc::new(Time::zero()),
        }
    }

    fn any(&self, at: usize) -> &Object {
        self.get(at).unwrap_or(&Object::Nil)
    }

    fn rest(&self, from: usize) -> &[Object] {
        self.get(from..).unwrap_or_default()
    }
}
