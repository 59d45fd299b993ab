//! `graph`: what depends on what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use clap::Args;
use serde_json::json;

use super::DONE;
use super::args::{EnvironmentArg, GraphFormat};
use super::context::Context;
use crate::model::{Address, Desired};
use crate::ui::{Paint, Problem, part};

/// Draw what depends on what.
#[derive(Debug, Args)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    environment: EnvironmentArg,
    /// How to draw it
    #[arg(long, value_enum, default_value_t)]
    format: GraphFormat,
}

pub(super) fn run(context: &Context, args: &GraphArgs) -> Result<u8, Problem> {
    let environment = context.environment(&args.environment.environment)?;
    let edges = edges(&environment.desired);
    let printer = &context.printer;
    if printer.json() {
        let nodes: BTreeMap<String, &BTreeSet<Address>> =
            edges.iter().map(|(a, to)| (a.to_string(), to)).collect();
        printer.data_json(&json!({"schema": "platctl/graph", "version": 1, "needs": nodes}));
        return Ok(DONE);
    }
    printer.data(&match args.format {
        GraphFormat::Text => text(&edges, printer.data_paint()),
        GraphFormat::Dot => dot(&edges),
        GraphFormat::Mermaid => mermaid(&edges),
    });
    Ok(DONE)
}

type Edges = BTreeMap<Address, BTreeSet<Address>>;

fn edges(desired: &Desired) -> Edges {
    desired
        .resources
        .iter()
        .map(|(address, spec)| (address.clone(), spec.refs().into_iter().collect()))
        .collect()
}

/// Without the edges that longer ways say too: what is left is easier to read and means the same.
fn reduced(edges: &Edges) -> Edges {
    let mut reach: BTreeMap<&Address, BTreeSet<&Address>> = BTreeMap::new();
    fn all<'a>(
        from: &'a Address,
        edges: &'a Edges,
        reach: &mut BTreeMap<&'a Address, BTreeSet<&'a Address>>,
    ) {
        if reach.contains_key(from) {
            return;
        }
        let mut found = BTreeSet::new();
        for to in edges.get(from).into_iter().flatten() {
            all(to, edges, reach);
            found.insert(to);
            found.extend(reach.get(to).into_iter().flatten());
        }
        reach.insert(from, found);
    }
    for address in edges.keys() {
        all(address, edges, &mut reach);
    }
    let implied = |from: &BTreeSet<Address>, to: &Address| {
        from.iter().any(|via| via != to && reach.get(via).is_some_and(|reached| reached.contains(to)))
    };
    edges
        .iter()
        .map(|(address, to)| (address.clone(), to.iter().filter(|t| !implied(to, t)).cloned().collect()))
        .collect()
}

/// Each resource under the parts, with what it directly needs.
fn text(edges: &Edges, paint: Paint) -> String {
    let reduced = reduced(edges);
    let mut parts: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for address in reduced.keys() {
        parts.entry(part(address.kind)).or_default().push(address);
    }
    let mut out = String::new();
    for (part, addresses) in parts {
        let _infallible = writeln!(out, "{}", paint.bold(part));
        for (at, address) in addresses.iter().enumerate() {
            let branch = if at + 1 == addresses.len() { "└─" } else { "├─" };
            let needs: Vec<String> = reduced[*address].iter().map(ToString::to_string).collect();
            let needs = if needs.is_empty() { String::new() } else { format!(" ← {}", needs.join(", ")) };
            let _infallible = writeln!(out, "{} {address}{}", paint.dim(branch), paint.dim(needs));
        }
    }
    out
}

fn dot(edges: &Edges) -> String {
    let mut out = String::from("digraph platform {\n  rankdir = LR;\n  node [shape = box];\n");
    for (address, needs) in &reduced(edges) {
        let _infallible = writeln!(out, "  \"{address}\";");
        for to in needs {
            let _infallible = writeln!(out, "  \"{address}\" -> \"{to}\";");
        }
    }
    out.push_str("}\n");
    out
}

fn mermaid(edges: &Edges) -> String {
    let number: BTreeMap<&Address, usize> =
        edges.keys().enumerate().map(|(n, address)| (address, n)).collect();
    let mut out = String::from("flowchart LR\n");
    for (address, n) in &number {
        let _infallible = writeln!(out, "  n{n}[\"{address}\"]");
    }
    for (address, needs) in &reduced(edges) {
        for to in needs.iter().filter_map(|to| number.get(to)) {
            let _infallible = writeln!(out, "  n{} --> n{to}", number[address]);
        }
    }
    out
}
