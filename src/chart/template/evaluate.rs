//! Evaluates pipelines, commands, operands and calls, with Go's rules for types and arguments.

use std::rc::Rc;

use super::collection::{Map, Shape};
use super::error::{Error, ErrorKind, Fault};
use super::execute::{Execution, Outcome, View};
use super::list::{Element, List};
use super::node::{Command, Operand, OperandKind, Pipe, Span};
use super::number::Number;
use super::object::{Integer, Object};
use crate::chart::functions::{Function, Run, Type};

/// The value that flows in from the command before, if there is one.
pub(super) type Piped = Option<Object>;

impl Execution<'_> {
    /// The value of a pipeline; its variables are set.
    pub(super) fn pipeline(&mut self, view: View<'_>, pipe: &Pipe) -> Outcome<Object> {
        let mut value = None;
        for command in &view.code.commands[pipe.commands] {
            let result = self.command(view, command, value)?;
            // A nil in an interface is no value from here on.
            value = Some(if matches!(result, Object::Nil) { Object::Invalid } else { result });
        }
        let value = value.unwrap_or(Object::Invalid);
        for name in &view.code.words[pipe.variables] {
            if pipe.assigns {
                self.assign(name, value.clone(), pipe.span)?;
            } else {
                self.variables.push((Rc::clone(name), value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, view: View<'_>, command: &Command, piped: Piped) -> Outcome<Object> {
        self.step(command.span)?;
        let Some((first, arguments)) = view.code.operands[command.operands].split_first() else {
            return Ok(Object::Invalid);
        };
        match &first.kind {
            OperandKind::Function(function) => {
                return self.call(function, None, Site { view, span: command.span, arguments, piped });
            }
            OperandKind::Field(names) => {
                let site = Site { view, span: command.span, arguments, piped };
                return self.chain(view.dot.clone(), *names, first, site);
            }
            OperandKind::Variable(name, names) if !names.is_empty() => {
                let receiver = self.variable(&view.code.words[*name], first.span)?;
                let site = Site { view, span: command.span, arguments, piped };
                return self.chain(receiver, *names, first, site);
            }
            OperandKind::Chain(inner, names) => {
                let receiver = self.chain_start(view, &view.code.operands[*inner])?;
                let site = Site { view, span: command.span, arguments, piped };
                return self.chain(receiver, *names, first, site);
            }
            _ => {}
        }
        if piped.is_some() || !arguments.is_empty() {
            let shown = self.tree.source.excerpt(first.span);
            return self.fail(first.span, format!("can't give argument to non-function {shown}"));
        }
        match &first.kind {
            OperandKind::Nil => self.fail(first.span, "nil is not a command"),
            OperandKind::Pipe(pipe) => super::stack::grow(|| self.pipeline(view, &view.code.pipes[*pipe])),
            _ => self.operand(view, first),
        }
    }

    /// An operand where any type is welcome.
    fn operand(&mut self, view: View<'_>, operand: &Operand) -> Outcome<Object> {
        match &operand.kind {
            OperandKind::Dot => Ok(view.dot.clone()),
            OperandKind::Nil => Ok(Object::Nil),
            OperandKind::Bool(truth) => Ok(Object::Bool(*truth)),
            OperandKind::Number(number) => self.constant(&view.code.numbers[*number], operand.span),
            OperandKind::Text(text) => Ok(Object::Text(view.code.texts[*text].clone())),
            OperandKind::Pipe(pipe) => super::stack::grow(|| self.pipeline(view, &view.code.pipes[*pipe])),
            OperandKind::Variable(name, names) => {
                let receiver = self.variable(&view.code.words[*name], operand.span)?;
                self.chain(receiver, *names, operand, Site::bare(view, operand.span))
            }
            OperandKind::Field(names) => {
                self.chain(view.dot.clone(), *names, operand, Site::bare(view, operand.span))
            }
            OperandKind::Chain(inner, names) => {
                let receiver = self.chain_start(view, &view.code.operands[*inner])?;
                self.chain(receiver, *names, operand, Site::bare(view, operand.span))
            }
            OperandKind::Function(function) => self.call(function, None, Site::bare(view, operand.span)),
        }
    }

    fn chain_start(&mut self, view: View<'_>, inner: &Operand) -> Outcome<Object> {
        if matches!(inner.kind, OperandKind::Nil) {
            return self.fail(inner.span, "indirection through explicit nil");
        }
        self.operand(view, inner)
    }

    pub(super) fn variable(&self, name: &Rc<str>, span: Span) -> Outcome<Object> {
        match self.variables.iter().rev().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.fail(span, format!("undefined variable: {name}")),
        }
    }

    /// The value of a number where nothing says its type.
    fn constant(&self, number: &Number, span: Span) -> Outcome<Object> {
        if let Some((real, imaginary)) = number.complex {
            return Ok(Object::Complex(real, imaginary));
        }
        match (number.float, number.int) {
            (Some(float), _) if number.written_as_float => Ok(Object::Float(float)),
            (_, Some(int)) => Ok(Object::int(int)),
            _ => self.fail(span, "integer overflows int"),
        }
    }

    /// Calls a function or, with a receiver, a method.
    pub(super) fn call(
        &mut self,
        function: &'static Function,
        receiver: Option<Object>,
        site: Site<'_>,
    ) -> Outcome<Object> {
        let (view, span) = (site.view, site.span);
        let count = site.arguments.len() + usize::from(site.piped.is_some());
        let fixed = function.parameters.len();
        let name = function.name;
        if function.rest.is_some() && count < fixed {
            return self
                .fail(span, format!("wrong number of args for {name}: want at least {fixed} got {count}"));
        }
        if function.rest.is_none() && count != fixed {
            return self.fail(span, format!("wrong number of args for {name}: want {fixed} got {count}"));
        }
        if let Run::ShortCircuit(stop) = function.run {
            return self.short_circuit(stop, site);
        }
        let mut values = Vec::with_capacity(count + 1);
        values.extend(receiver);
        let parameter = |at: usize| function.parameters.get(at).copied().or(function.rest);
        for (at, operand) in site.arguments.iter().enumerate() {
            let wanted = parameter(at).unwrap_or(Type::Any);
            values.push(self.argument(view, wanted, operand)?);
        }
        if let Some(piped) = site.piped {
            let wanted = parameter(site.arguments.len()).unwrap_or(Type::Any);
            values.push(self.fit(piped, wanted, span)?);
        }
        self.engine.meter().step(function.cost).map_err(|error| self.place(error, span))?;
        let result = match function.run {
            Run::Pure(run) => run(&values),
            Run::Metered(run) => run(self.engine.meter(), &values),
            Run::Engine(run) => run(self, &values),
            Run::ShortCircuit(_) => Ok(Object::Nil),
        };
        result.map_err(|fault| self.fault(function, fault, span, site.arguments))
    }

    fn fault(&self, function: &Function, fault: Fault, span: Span, arguments: &[Operand]) -> Box<Error> {
        match fault {
            Fault::Template(error) => self.place(error, span),
            Fault::Message(message) => {
                let refused = matches!(function.name, "fail" | "required");
                let kind = if refused { ErrorKind::Refused } else { ErrorKind::Execution };
                let message =
                    if refused { message } else { format!("error calling {}: {message}", function.name) };
                let mut error = Error::new(kind, message);
                if function.name == "required" {
                    let last = arguments.last().filter(|_| arguments.len() == 2);
                    error.nil = last.map(|operand| self.tree.source.excerpt(operand.span));
                }
                self.place(error, span)
            }
        }
    }

    /// `and` and `or`, which evaluate no more than they need.
    fn short_circuit(&mut self, stop: bool, site: Site<'_>) -> Outcome<Object> {
        let mut value = Object::Nil;
        for operand in site.arguments {
            value = self.argument(site.view, Type::Reflect, operand)?;
            if value.truth() == stop {
                return Ok(value);
            }
        }
        Ok(site.piped.unwrap_or(value))
    }

    /// An argument of a call, as the type that the function wants.
    fn argument(&mut self, view: View<'_>, wanted: Type, operand: &Operand) -> Outcome<Object> {
        let span = operand.span;
        if wanted.is_any() {
            let value = self.operand(view, operand)?;
            return self.fit(value, wanted, span);
        }
        match (&operand.kind, wanted) {
            (OperandKind::Nil, Type::Map) => Ok(Object::Map(Map::nil())),
            (OperandKind::Nil, Type::List) => Ok(Object::List(List::nil(Element::Any))),
            (OperandKind::Nil, _) => self.fail(span, format!("cannot assign nil to {}", wanted.go_type())),
            (OperandKind::Bool(truth), Type::Bool) => Ok(Object::Bool(*truth)),
            (OperandKind::Text(text), Type::Text) => Ok(Object::Text(view.code.texts[*text].clone())),
            (OperandKind::Number(number), _) => {
                let number = &view.code.numbers[*number];
                let value = match wanted {
                    Type::Int => number.int.map(Object::int),
                    Type::Duration => number.int.map(|int| Object::Int(Integer::Duration, int)),
                    Type::Uint32 => {
                        number.uint.map(|uint| Object::Int(Integer::Uint32, i64::from(uint as u32)))
                    }
                    Type::Float => number.float.map(Object::Float),
                    _ => None,
                };
                match value {
                    Some(value) => Ok(value),
                    None => self.wrong_literal(wanted, span),
                }
            }
            (OperandKind::Bool(_) | OperandKind::Text(_), _) => self.wrong_literal(wanted, span),
            _ => {
                let value = self.operand(view, operand)?;
                self.fit(value, wanted, span)
            }
        }
    }

    fn wrong_literal(&self, wanted: Type, span: Span) -> Outcome<Object> {
        let shown = self.tree.source.excerpt(span);
        self.fail(span, format!("expected {}; found {shown}", wanted.go_type()))
    }

    /// Go's `validateType`: whether a value may be passed as a type.
    pub(super) fn fit(&self, value: Object, wanted: Type, span: Span) -> Outcome<Object> {
        match (wanted, &value) {
            (Type::Any | Type::Reflect, Object::Invalid) => return Ok(Object::Nil),
            (Type::Any | Type::Reflect, Object::Native(super::native::Native::KubeVersion(version, _))) => {
                return Ok(super::native::Native::KubeVersion(Rc::clone(version), false).into());
            }
            (Type::Any | Type::Reflect, _)
            | (Type::Text, Object::Text(_))
            | (Type::Bool, Object::Bool(_))
            | (Type::Float, Object::Float(_))
            | (Type::Int, Object::Int(Integer::Int, _))
            | (Type::Uint32, Object::Int(Integer::Uint32, _))
            | (Type::Duration, Object::Int(Integer::Duration, _))
            | (Type::Time, Object::Native(super::native::Native::Time(_)))
            | (Type::Version, Object::Native(super::native::Native::Version(_)))
            | (Type::Certificate, Object::Native(super::native::Native::Certificate(_))) => return Ok(value),
            (Type::Map, Object::Invalid) => return Ok(Object::Map(Map::nil())),
            (Type::List, Object::Invalid) => return Ok(Object::List(List::nil(Element::Any))),
            (Type::List, Object::List(list)) if list.element() == Element::Any => return Ok(value),
            (Type::Map, Object::Map(map)) if map.shape() == Shape::Any => return Ok(value),
            (Type::Map, Object::Map(map)) if map.shape() == Shape::Values => {
                return Ok(Object::Map(map.reshaped(Shape::Any)));
            }
            _ => {}
        }
        let shown = self.tree.source.excerpt(span);
        if value.is_present() {
            let found = value.go_type();
            return self
                .fail(span, format!("wrong type for value; expected {}; got {found}", wanted.go_type()));
        }
        let mut error = Error::new(
            ErrorKind::Execution,
            format!("invalid value; expected {}, got nothing", wanted.go_type()),
        );
        error.nil = Some(shown);
        error.hint = Some("set the value, or give it a fallback with `default`".to_owned());
        Err(self.place(error, span))
    }
}

/// Where a call is written, with its arguments.
pub(super) struct Site<'a> {
    /// What arguments are evaluated against.
    pub(super) view: View<'a>,
    pub(super) span: Span,
    pub(super) arguments: &'a [Operand],
    pub(super) piped: Piped,
}

impl<'a> Site<'a> {
    /// A call without arguments.
    pub(super) fn bare(view: View<'a>, span: Span) -> Self {
        Self { view, span, arguments: &[], piped: None }
    }

    /// Whether anything is passed.
    pub(super) fn has_arguments(&self) -> bool {
        !self.arguments.is_empty() || self.piped.is_some()
    }
}
