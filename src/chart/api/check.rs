//! All objects of a rendered chart.

use std::collections::BTreeSet;

use serde_json::Value;

use super::finding::Finding;
use super::judge::judge;
use super::schemas::Schemas;
use crate::chart::manifest::split;
use crate::chart::render::Rendered;
use crate::chart::{schema, yaml};

/// What was found in the objects of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is not as Kubernetes has it.
    pub findings: Vec<Finding>,
    /// Kinds that nothing is known of, with their groups: their objects were not judged.
    pub unjudged: BTreeSet<String>,
}

/// A part of what a chart gives.
struct Part<'a> {
    template: &'a str,
    line: usize,
    text: &'a str,
}

/// Learns the kinds whose definitions are among the objects of a chart.
pub fn learn(rendered: &Rendered, schemas: &mut Schemas) {
    for object in parts(rendered).iter().flat_map(objects) {
        if object["kind"] == "CustomResourceDefinition" {
            schemas.learn(&object);
        }
    }
}

/// Holds the objects of a chart, hooks and definitions included, against the schemas of their kinds. Text for which
/// `is_open` holds stands for what is not known yet.
pub fn check(rendered: &Rendered, schemas: &mut Schemas, is_open: &dyn Fn(&str) -> bool) -> Checked {
    let mut checked = Checked::default();
    for part in parts(rendered) {
        for object in objects(&part) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (api_version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
            let Some(schema) = schemas.of(&api_version, &kind) else {
                checked.unjudged.insert(format!("{kind} ({api_version})"));
                continue;
            };
            let name = text(&object["metadata"]["name"]);
            checked.findings.extend(judge(schema, &object, is_open).into_iter().map(|(field, problem)| {
                let (template, object) = (part.template.to_owned(), format!("{kind} {name}"));
                Finding { template, line: part.line, object, field, problem }
            }));
        }
    }
    checked
}

fn parts(rendered: &Rendered) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (template, file) in &rendered.crds {
        let Ok(text) = std::str::from_utf8(&file.data) else { continue };
        parts.extend(split(text).into_iter().map(|document| Part {
            template,
            line: document.line,
            text: document.text,
        }));
    }
    let hooks = rendered.manifest.hooks.iter().map(|hook| &hook.object);
    parts.extend(rendered.manifest.objects.iter().chain(hooks).map(|object| Part {
        template: &object.template,
        line: object.line,
        text: &object.content,
    }));
    parts
}

/// The objects of a part, lists taken apart. What is no YAML is told elsewhere.
fn objects(part: &Part<'_>) -> Vec<Value> {
    let read = yaml::read_typed(part.text.as_bytes()).ok();
    let Some(mut object) = read.and_then(|value| schema::as_json(value).ok()) else { return Vec::new() };
    let is_list = object["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    match object.get_mut("items").and_then(Value::as_array_mut).filter(|_| is_list) {
        Some(items) => std::mem::take(items),
        None => vec![object],
    }
}
