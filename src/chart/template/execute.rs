//! Runs the nodes of a template: text, actions, branches, loops and calls.

use std::rc::Rc;

use super::bounds::Meter;
use super::code::{Code, Run};
use super::collection::Shape;
use super::engine::{Engine, Options};
use super::error::{Error, ErrorKind, Fault};
use super::format::write_printed;
use super::lines::{Trace, without_no_value};
use super::node::{Branch, Node, Pipe, Span, Tree};
use super::object::Object;
use super::scope::Scope;
use super::stack;
use super::text::Text;
use crate::chart::host::Host;

/// What a node wants of the loop around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

pub(super) type Outcome<T> = Result<T, Box<Error>>;

/// What a node is run with: what it and its like refer to, and the dot.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) code: &'a Code,
    pub(super) dot: &'a Object,
}

impl<'a> View<'a> {
    /// The same code with another dot.
    fn on(self, dot: &'a Object) -> Self {
        Self { dot, ..self }
    }
}

/// One run of a template and of those it calls by `template`.
pub(crate) struct Execution<'e> {
    pub(super) engine: &'e Engine<'e>,
    scope: Rc<Scope>,
    pub(super) tree: Rc<Tree>,
    /// Variables with their values, the innermost last.
    pub(super) variables: Vec<(Rc<str>, Object)>,
    output: Vec<u8>,
    depth: usize,
    /// Where the output comes from; noted for files only.
    trace: Option<Trace>,
    /// The `template` action of the file that is running, if one is.
    caller: Option<Span>,
}

impl<'e> Execution<'e> {
    /// Runs the template `name` and gives its output.
    pub(super) fn run(
        engine: &'e Engine<'e>,
        scope: &Rc<Scope>,
        name: &str,
        dot: Object,
        depth: usize,
    ) -> Outcome<Vec<u8>> {
        let tree = scope.find(name)?.ok_or_else(|| Self::missing(scope, name))?;
        let mut execution = Self::start(engine, scope, tree, dot, depth)?;
        execution.finish()?;
        Ok(execution.output)
    }

    /// Runs a file, by the name of its template; gives also the way back from the output to the source.
    pub(super) fn run_file(
        engine: &'e Engine<'e>,
        scope: &Rc<Scope>,
        name: &str,
        dot: Object,
    ) -> Outcome<(Vec<u8>, Trace, Rc<Tree>)> {
        let tree = scope.file(name)?.ok_or_else(|| Self::missing(scope, name))?;
        let mut execution = Self::start(engine, scope, Rc::clone(&tree), dot, 0)?;
        execution.trace = Some(Trace::default());
        execution.finish()?;
        Ok((execution.output, execution.trace.unwrap_or_default(), tree))
    }

    fn missing(scope: &Scope, name: &str) -> Box<Error> {
        no_template(scope, name, format!("no template {name:?} associated with template \"gotpl\""))
    }

    fn start(
        engine: &'e Engine<'e>,
        scope: &Rc<Scope>,
        tree: Rc<Tree>,
        dot: Object,
        depth: usize,
    ) -> Outcome<Self> {
        engine.meter().depth(depth)?;
        // A nil that is passed on is no value in its new place.
        let dot = if dot.is_present() { dot } else { Object::Invalid };
        Ok(Self {
            engine,
            scope: Rc::clone(scope),
            tree,
            variables: vec![(engine.dollar(), dot)],
            output: Vec::with_capacity(128),
            depth,
            trace: None,
            caller: None,
        })
    }

    fn finish(&mut self) -> Outcome<()> {
        let tree = Rc::clone(&self.tree);
        let dot = self.variables[0].1.clone();
        stack::grow(|| self.walk(View { code: &tree.code, dot: &dot }, tree.nodes)).map(drop)
    }

    /// `include`: the output of a template.
    pub(crate) fn include(&mut self, name: &Text, dot: Object) -> Result<Text, Fault> {
        if !self.engine.enter(name) {
            let message = format!("rendering template has a nested reference name: {}", name.lossy());
            let mut error = Error::new(ErrorKind::Bound, message);
            error.hint = Some("the template includes itself without end".to_owned());
            return Err(error.into());
        }
        let output = Self::run(self.engine, &self.scope, &name.lossy(), dot, self.depth + 1);
        self.engine.leave(name);
        let output = output?;
        self.engine.meter().allocate(output.len())?;
        Ok(output.into())
    }

    /// `tpl`: the output of a template given as text.
    pub(crate) fn template_text(&mut self, text: &Text, dot: Object) -> Result<Text, Fault> {
        let parsed = self.engine.parse_text(text)?;
        let scope = Scope::inside(&self.scope);
        scope.add(&parsed);
        let mut execution =
            Execution::start(self.engine, &scope, Rc::clone(&parsed.main), dot, self.depth + 1)?;
        execution.finish()?;
        self.engine.meter().allocate(execution.output.len())?;
        Ok(without_no_value(execution.output).into())
    }

    /// How to render.
    pub(crate) fn options(&self) -> &Options {
        self.engine.options()
    }

    /// The world outside.
    pub(crate) fn host(&self) -> &'e dyn Host {
        self.engine.host()
    }

    /// What is used up.
    pub(crate) fn meter(&self) -> &'e Meter {
        self.engine.meter()
    }

    /// Adds this template's place to an error.
    pub(super) fn place(&self, error: Box<Error>, span: Span) -> Box<Error> {
        error.at(&self.tree.source, &self.tree.name, span)
    }

    /// An error of this template.
    pub(super) fn fail<T>(&self, span: Span, message: impl Into<String>) -> Outcome<T> {
        Err(self.place(Error::new(ErrorKind::Execution, message), span))
    }

    /// Counts work at a place.
    pub(super) fn step(&self, span: Span) -> Outcome<()> {
        self.engine.meter().step(1).map_err(|error| self.place(error, span))
    }

    fn walk(&mut self, view: View<'_>, nodes: Run<Node>) -> Outcome<Flow> {
        for node in &view.code.nodes[nodes] {
            let flow = self.node(view, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, view: View<'_>, node: &Node) -> Outcome<Flow> {
        match node {
            Node::Text(span) => {
                self.mark(*span, true);
                self.output.extend_from_slice(self.tree.source.part(*span).as_bytes());
                self.engine.meter().output(self.output.len())?;
            }
            Node::Action(pipe) => {
                let value = self.pipeline(view, pipe)?;
                if pipe.variables.is_empty() {
                    self.print(&value, pipe.span)?;
                }
            }
            Node::If(branch) => {
                return stack::grow(|| self.choice(view, &view.code.branches[*branch], false));
            }
            Node::With(branch) => {
                return stack::grow(|| self.choice(view, &view.code.branches[*branch], true));
            }
            Node::Range(branch) => return stack::grow(|| self.range(view, &view.code.branches[*branch])),
            Node::Template { span, name, pipe } => {
                let pipe = pipe.map(|pipe| &view.code.pipes[pipe]);
                self.template(view, *span, &view.code.words[*name], pipe)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    /// Notes where what is written next comes from.
    fn mark(&mut self, span: Span, text: bool) {
        if let Some(trace) = &mut self.trace {
            let text = text && self.caller.is_none();
            trace.add(self.output.len(), self.caller.unwrap_or(span), text);
        }
    }

    fn print(&mut self, value: &Object, span: Span) -> Outcome<()> {
        self.mark(span, false);
        // A structure behind a pointer is shown as the structure.
        write_printed(&mut self.output, value);
        self.engine.meter().output(self.output.len()).map_err(|error| self.place(error, span))
    }

    fn choice(&mut self, view: View<'_>, branch: &Branch, is_with: bool) -> Outcome<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(view, &branch.pipe)?;
        let flow = match value.truth() {
            true if is_with => self.walk(view.on(&value), branch.body),
            true => self.walk(view, branch.body),
            false => self.walk(view, branch.otherwise),
        };
        self.variables.truncate(mark);
        flow
    }

    fn range(&mut self, view: View<'_>, branch: &Branch) -> Outcome<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(view, &branch.pipe)?;
        let span = branch.pipe.span;
        let empty;
        match &value {
            Object::List(list) => {
                let items = list.items();
                empty = items.is_empty();
                for (at, item) in items.iter().enumerate() {
                    if !self.iteration(view.code, branch, Object::int(at as i64), item.clone())? {
                        break;
                    }
                }
            }
            Object::Bytes(bytes) => {
                empty = bytes.is_empty();
                for (at, byte) in bytes.iter().enumerate() {
                    let item = Object::Int(super::object::Integer::Uint8, i64::from(*byte));
                    if !self.iteration(view.code, branch, Object::int(at as i64), item)? {
                        break;
                    }
                }
            }
            Object::Map(map) => {
                // The members as they are now: what the loop does to the map is not seen by the loop.
                let members: Vec<_> =
                    map.members().iter().map(|(key, item)| (key.clone(), item.clone())).collect();
                empty = members.is_empty();
                debug_assert!(map.shape() == Shape::Any || !map.is_nil(), "only plain maps are nil");
                for (key, item) in members {
                    if !self.iteration(view.code, branch, Object::Text(key), item)? {
                        break;
                    }
                }
            }
            Object::Int(integer, count) => {
                if view.code.words[branch.pipe.variables].len() > 1 {
                    let message = format!("can't use {count} to iterate over more than one variable");
                    return self.fail(span, message);
                }
                empty = *count <= 0;
                for at in 0..*count {
                    if !self.iteration(view.code, branch, Object::Invalid, Object::Int(*integer, at))? {
                        break;
                    }
                }
            }
            Object::Invalid | Object::Nil => empty = true,
            other => {
                let message = format!("range can't iterate over a value of type {}", other.go_type());
                return self.fail(span, message);
            }
        }
        let flow = if empty { self.walk(view, branch.otherwise) } else { Ok(Flow::Next) };
        self.variables.truncate(mark);
        flow
    }

    /// One round of a loop; false if it was the last.
    fn iteration(&mut self, code: &Code, branch: &Branch, index: Object, item: Object) -> Outcome<bool> {
        self.step(branch.pipe.span)?;
        let mark = self.variables.len();
        match &code.words[branch.pipe.variables] {
            [] => {}
            [name] if branch.pipe.assigns => self.assign(name, item.clone(), branch.pipe.span)?,
            [key, name, ..] if branch.pipe.assigns => {
                self.assign(key, index, branch.pipe.span)?;
                self.assign(name, item.clone(), branch.pipe.span)?;
            }
            [_] => self.set_top(1, item.clone()),
            [_, _, ..] => {
                self.set_top(1, item.clone());
                self.set_top(2, index);
            }
        }
        let flow = self.walk(View { code, dot: &item }, branch.body)?;
        self.variables.truncate(mark);
        Ok(flow != Flow::Break)
    }

    fn set_top(&mut self, from_end: usize, value: Object) {
        if let Some(at) = self.variables.len().checked_sub(from_end) {
            self.variables[at].1 = value;
        }
    }

    /// `$name = value`, for the innermost variable of that name.
    pub(super) fn assign(&mut self, name: &Rc<str>, value: Object, span: Span) -> Outcome<()> {
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.fail(span, format!("undefined variable: {name}")),
        }
    }

    fn template(&mut self, view: View<'_>, span: Span, name: &str, pipe: Option<&Pipe>) -> Outcome<()> {
        let Some(tree) = self.scope.find(name)? else {
            let error = no_template(&self.scope, name, format!("template {name:?} not defined"));
            return Err(self.place(error, span));
        };
        let depth = self.depth + 1;
        self.engine.meter().depth(depth).map_err(|error| self.place(error, span))?;
        let value = match pipe {
            Some(pipe) => self.pipeline(view, pipe)?,
            None => Object::Invalid,
        };
        let variables = std::mem::replace(&mut self.variables, vec![(self.engine.dollar(), value.clone())]);
        let caller = std::mem::replace(&mut self.tree, Rc::clone(&tree));
        self.depth = depth;
        let within = self.caller;
        self.caller = within.or(Some(span));
        let flow = stack::grow(|| self.walk(View { code: &tree.code, dot: &value }, tree.nodes));
        self.depth = depth - 1;
        self.variables = variables;
        self.tree = caller;
        self.caller = within;
        flow.map(drop).map_err(|error| self.place(error, span))
    }
}

fn no_template(scope: &Scope, name: &str, message: String) -> Box<Error> {
    let mut error = Error::new(ErrorKind::Execution, message);
    let nearest = scope
        .names()
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&known, name), known))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    error.hint = nearest.map(|(_, known)| format!("did you mean {known:?}?"));
    error
}
