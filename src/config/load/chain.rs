//! A file and those that it extends, one after the other.

use std::io;

use toml::de::DeTable;

use super::super::finding::{Finding, Findings};
use super::super::place::{Path, Place, Sources};
use super::super::suggest::{list, nearest};
use super::super::tree::{Node, Value};
use super::Files;

/// The bottom layer.
pub(super) const DEFAULTS: &str = include_str!("../defaults.toml");

/// An environment's file first, then what it extends, down to the last.
pub(super) struct Chain {
    pub(super) sources: Sources,
    pub(super) layers: Vec<Node>,
    pub(super) findings: Vec<Finding>,
}

/// Reads an environment's file and all that it builds on.
pub(super) fn read(files: &dyn Files, environment: &str) -> Chain {
    let mut chain = Chain { sources: Sources::default(), layers: Vec::new(), findings: Vec::new() };
    let mut names: Vec<String> = Vec::new();
    let mut next = Some((environment.to_owned(), None));
    while let Some((name, asked)) = next.take() {
        if names.contains(&name) {
            chain.findings.extend(asked.map(|place| cycle(&names, &name, place)));
            break;
        }
        let Some(mut node) = read_file(&mut chain, files, &name, asked) else { break };
        let is_environment = names.is_empty();
        names.push(name);
        if is_environment {
            refuse_base(&mut chain, &mut node, environment);
        } else {
            node.prune(&Path::of("base"));
        }
        next = extends(&mut chain, &mut node);
        chain.layers.push(node);
    }
    chain
}

/// True for a file that says of itself that it is only a base. One that cannot be read is none, so that its
/// faults are found.
pub(super) fn is_base(files: &dyn Files, name: &str) -> bool {
    let text = files.read(name).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        let base = parse(&text, 0).0.at(&Path::of("base")).map(|node| node.value.clone());
        base == Some(Value::Boolean(true))
    })
}

/// A text's tree, and what is wrong with its grammar.
pub(super) fn parse(text: &str, file: usize) -> (Node, Vec<Finding>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let findings = errors.into_iter().map(|error| {
        let place = Place::new(file, error.span().unwrap_or(0..0));
        let finding = Finding::new("syntax", Path::root(), place, format!("not TOML: {}", error.message()));
        finding.label("here")
    });
    (Node::from_document(&document, file), findings.collect())
}

pub(super) fn unreadable_folder(files: &dyn Files, error: &io::Error) -> Findings {
    let mut sources = Sources::default();
    let path = files.path("");
    let folder = path.trim_end_matches(".toml").trim_end_matches('/').to_owned();
    let file = sources.add(folder.clone(), "");
    let message = format!("the folder `{folder}` cannot be read: {error}");
    let finding = Finding::new("unreadable", Path::root(), Place::new(file, 0..0), message);
    Findings::new(sources, vec![finding.hint("`platctl init` makes a folder of environments to start with")])
}

/// Reads one file; `asked` is where another one extends it.
fn read_file(chain: &mut Chain, files: &dyn Files, name: &str, asked: Option<Place>) -> Option<Node> {
    let path = files.path(name);
    let bytes = match files.read(name) {
        Ok(bytes) => bytes,
        Err(error) => {
            let finding = unreadable(chain, files, name, asked, &error);
            chain.findings.push(finding);
            return None;
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let file = chain.sources.add(path, String::from_utf8_lossy(error.as_bytes()));
            let place = Place::new(file, good..good + char::REPLACEMENT_CHARACTER.len_utf8());
            let finding = Finding::new("not-utf8", Path::root(), place, "the file is not UTF-8 text");
            chain.findings.push(finding.label("this byte").hint("save the file as UTF-8"));
            return None;
        }
    };
    let file = chain.sources.add(path, text.as_str());
    let (node, findings) = parse(&text, file);
    chain.findings.extend(findings);
    Some(node)
}

fn unreadable(
    chain: &mut Chain,
    files: &dyn Files,
    name: &str,
    asked: Option<Place>,
    error: &io::Error,
) -> Finding {
    let mut known = files.stems().unwrap_or_default();
    if asked.is_none() {
        known.retain(|name| !is_base(files, name));
    }
    let path = files.path(name);
    let missing = error.kind() == io::ErrorKind::NotFound;
    let is_environment = asked.is_none();
    let place = asked.unwrap_or_else(|| Place::new(chain.sources.add(path.clone(), ""), 0..0));
    let message = match (missing, is_environment) {
        (true, true) => format!("there is no environment `{name}`: `{path}` does not exist"),
        (true, false) => format!("there is no `{path}` to extend"),
        (false, _) => format!("`{path}` cannot be read: {error}"),
    };
    let at = if is_environment { Path::root() } else { Path::of("extends") };
    let finding = Finding::new("unreadable", at, place, message).label("not found");
    if !missing {
        return finding.label("not readable");
    }
    match nearest(name, known.iter().map(String::as_str)) {
        Some(word) => finding.hint(format!("did you mean `{word}`?")),
        None if known.is_empty() => {
            finding.hint("`platctl init` makes a folder of environments to start with")
        }
        None => finding.hint(format!("there is {}", list(known.iter().map(String::as_str)))),
    }
}

fn cycle(names: &[String], name: &str, place: Place) -> Finding {
    let from = names.iter().position(|known| known == name).unwrap_or_default();
    let mut round: Vec<&str> = names[from..].iter().map(String::as_str).collect();
    round.push(name);
    let message = format!("files extend each other in a circle: {}", round.join(" -> "));
    Finding::new("cyclic-extends", Path::of("extends"), place, message)
        .label("closes the circle")
        .hint("let one of them extend nothing")
}

/// Takes `extends` out of a file and gives what is to be read next.
fn extends(chain: &mut Chain, node: &mut Node) -> Option<(String, Option<Place>)> {
    let entry = node.as_table_mut()?.remove("extends")?;
    let place = entry.node.place.clone();
    let Some(name) = entry.node.as_str() else {
        let message = format!("`extends` must be a string, not {}", entry.node.type_name());
        let finding = Finding::new("wrong-type", Path::of("extends"), place, message);
        chain.findings.push(finding.label("expected a string").hint("name one file: extends = \"common\""));
        return None;
    };
    let format = super::super::format::find("file-stem")?;
    if !(format.holds)(name) {
        let finding = Finding::new(
            "wrong-form",
            Path::of("extends"),
            place,
            format!("`extends` is not {}", format.expected),
        );
        let hint = super::super::format::meant("file-stem", name);
        chain.findings.push(finding.label("not of this form").hints(hint));
        return None;
    }
    Some((name.to_owned(), Some(place)))
}

/// An environment's own file may not say that it is only a base.
fn refuse_base(chain: &mut Chain, node: &mut Node, environment: &str) {
    let Some(entry) = node.as_table_mut().and_then(|table| table.remove("base")) else { return };
    let place = entry.node.place.clone();
    let finding = match entry.node.value {
        Value::Boolean(false) => return,
        Value::Boolean(true) => {
            let message = format!("`{environment}` is a base for others and no environment of its own");
            Finding::new("only-a-base", Path::of("base"), place, message)
                .hint("name an environment that extends it, or set `base = false`")
        }
        _ => {
            let message = format!("`base` must be a boolean, not {}", entry.node.type_name());
            Finding::new("wrong-type", Path::of("base"), place, message).label("expected a boolean")
        }
    };
    chain.findings.push(finding);
}
