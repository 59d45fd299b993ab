//! The engine: parsed templates, and the rendering of files.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::bounds::{Bounds, Meter};
use super::error::Error;
use super::execute::Execution;
use super::lines::{Lines, clean};
use super::node::Source;
use super::object::Object;
use super::parser::{Parsed, parse};
use super::scope::Scope;
use super::text::Text;
use crate::chart::host::Host;

/// How to render.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// A missing key is an error.
    pub strict: bool,
    /// `required` and `fail` do not fail.
    pub lint: bool,
    /// `getHostByName` asks the host; otherwise it gives nothing.
    pub dns: bool,
    /// What the rendering may use up.
    pub bounds: Bounds,
}

/// The templates of a chart and its dependencies, ready to render.
pub struct Engine<'h> {
    options: Options,
    host: &'h dyn Host,
    meter: Meter,
    scope: Rc<Scope>,
    order: Vec<String>,
    /// The name of the variable that every template has.
    dollar: Rc<str>,
    /// How often each template is running through `include`.
    included: RefCell<HashMap<Text, usize>>,
    /// Sources given to `tpl`, which charts give again and again.
    parsed: RefCell<HashMap<Text, Rc<Parsed>>>,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("order", &self.order).finish_non_exhaustive()
    }
}

impl<'h> Engine<'h> {
    /// Takes the templates, by their full names (`chart/charts/sub/templates/x.yaml`), in Helm's order:
    /// the deepest first, so that what a parent chart defines wins over what its subcharts define. A file that
    /// defines nothing is parsed when it is rendered, and not kept: most of a large chart is never there at once.
    ///
    /// # Errors
    /// A file that defines templates is none, or one before it in that order.
    pub fn new(
        mut templates: BTreeMap<String, String>,
        options: Options,
        host: &'h dyn Host,
    ) -> Result<Self, Box<Error>> {
        let mut order: Vec<String> = templates.keys().cloned().collect();
        // The longest way first, and names backwards.
        order.sort_by_cached_key(|name| Reverse((name.matches('/').count(), name.clone())));
        let source = |name: &String| Some(Source { name: name.clone(), text: templates.remove(name)? });
        let scope = Scope::of(order.iter().filter_map(source).collect())?;
        let meter = Meter::new(options.bounds.clone());
        let (included, parsed) = (RefCell::default(), RefCell::default());
        Ok(Self { options, host, meter, scope, order, dollar: "$".into(), included, parsed })
    }

    /// The files to render, in Helm's order. Files whose name starts with `_` only define templates.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let is_partial = |name: &str| name.rsplit('/').next().is_some_and(|base| base.starts_with('_'));
        self.order.iter().map(String::as_str).filter(move |name| !is_partial(name))
    }

    /// Renders one file with `root` as its dot. What templates do to maps below the root stays done.
    ///
    /// # Errors
    /// The first action that failed, with its place and its callers.
    pub fn render(&self, name: &str, root: &Object) -> Result<String, Box<Error>> {
        self.render_with_lines(name, root).map(|(text, _)| text)
    }

    /// As [`Self::render`], with the lines of the file that the text comes from.
    ///
    /// # Errors
    /// The first file that is no template, as Helm parses all before it renders one; or else the first action that
    /// failed, with its place and its callers.
    pub fn render_with_lines(&self, name: &str, root: &Object) -> Result<(String, Lines), Box<Error>> {
        self.included.borrow_mut().clear();
        let run = Execution::run_file(self, &self.scope, name, root.clone());
        let (output, mut trace, tree) =
            run.map_err(|error| self.scope.fault(&self.order).unwrap_or(error))?;
        let mut text = clean(output, &mut trace);
        text.shrink_to_fit();
        // Most files of a chart are switched off and give nothing.
        let lines = if text.trim_start().is_empty() { Lines::default() } else { trace.lines(&tree.source) };
        Ok((text, lines))
    }

    /// The name of the variable that every template has.
    pub(super) fn dollar(&self) -> Rc<str> {
        Rc::clone(&self.dollar)
    }

    /// How to render.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The world outside.
    pub(crate) fn host(&self) -> &'h dyn Host {
        self.host
    }

    /// What is used up.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Notes that `include` starts a template; false if it runs a thousand times over already.
    pub(super) fn enter(&self, name: &Text) -> bool {
        let mut included = self.included.borrow_mut();
        let count = included.entry(name.clone()).or_default();
        if *count > 1_000 {
            return false;
        }
        *count += 1;
        true
    }

    /// Notes that `include` has ended a template.
    pub(super) fn leave(&self, name: &Text) {
        if let Some(count) = self.included.borrow_mut().get_mut(name) {
            *count = count.saturating_sub(1);
        }
    }

    /// The parsed form of a text given to `tpl`.
    pub(super) fn parse_text(&self, text: &Text) -> Result<Rc<Parsed>, Box<Error>> {
        if let Some(parsed) = self.parsed.borrow().get(text) {
            return Ok(Rc::clone(parsed));
        }
        let parsed =
            Rc::new(parse(&Rc::new(Source { name: "gotpl".to_owned(), text: text.lossy().into_owned() }))?);
        self.parsed.borrow_mut().insert(text.clone(), Rc::clone(&parsed));
        Ok(parsed)
    }
}
