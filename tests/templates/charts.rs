//! Loading and rendering the charts.

use std::fs;
use std::path::{Path, PathBuf};

use platctl::chart::File;
use platctl::chart::host::Host;
use platctl::chart::load;
use platctl::chart::manifest::Object;
use platctl::chart::render::{RenderOptions, render};
use serde_json::Value;

/// The value sets of the service chart, by file name.
pub(crate) const SETS: [&str; 5] =
    ["frontend-app", "backend-app", "backend-service", "blue-green", "old-cluster"];
/// Those of the three services.
pub(crate) const SERVICES: [&str; 3] = ["frontend-app", "backend-app", "backend-service"];
pub(crate) const NAMESPACE: &str = "shop";

/// A host without clock and dice: the charts need neither.
struct NoHost;

impl Host for NoHost {
    fn now(&self) -> (i64, u32) {
        panic!("the charts do not ask for the time");
    }

    fn fill_random(&self, _: &mut [u8]) {
        panic!("the charts need no randomness");
    }
}

pub(crate) fn folder(chart: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(chart)
}

pub(crate) fn read(chart: &str, file: &str) -> String {
    fs::read_to_string(folder(chart).join(file)).unwrap()
}

/// The text of a value set.
pub(crate) fn set(name: &str) -> String {
    read("service", &format!("ci/{name}-values.yaml"))
}

fn files(chart: &str) -> Vec<File> {
    let root = folder(chart);
    let mut found = Vec::new();
    for part in ["", "templates"] {
        for entry in fs::read_dir(root.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                found.push(File::new(name, &fs::read(&path).unwrap()));
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// A rendered chart.
pub(crate) struct Rendered {
    pub(crate) texts: Vec<Object>,
    pub(crate) objects: Vec<Value>,
    pub(crate) notes: String,
}

/// Renders a chart as an installation named `release`.
pub(crate) fn try_chart(chart: &str, release: &str, values: &str) -> Result<Rendered, String> {
    let loaded = load::from_files(files(chart)).map_err(|error| error.to_string())?;
    let values = load::read_values(values.as_bytes()).map_err(|error| error.to_string())?;
    let options = RenderOptions::install(release, NAMESPACE);
    let rendered = render(loaded, &values, &options, &NoHost).map_err(|error| report(&error))?;
    assert!(rendered.manifest.hooks.is_empty() && rendered.crds.is_empty());
    let texts = rendered.manifest.objects;
    let objects = texts.iter().map(|object| parse(&object.content)).collect();
    Ok(Rendered { texts, objects, notes: rendered.notes })
}

pub(crate) fn chart(chart: &str, release: &str, values: &str) -> Rendered {
    try_chart(chart, release, values).unwrap_or_else(|error| panic!("{chart} {release}: {error}"))
}

/// A service's objects, with one of the value sets.
pub(crate) fn service(set_name: &str) -> Vec<Value> {
    chart("service", set_name, &set(set_name)).objects
}

/// All objects of the three services and of their namespace.
pub(crate) fn platform() -> Vec<Value> {
    let mut all = chart("namespace", "namespace", "").objects;
    all.extend(SERVICES.into_iter().flat_map(service));
    all
}

fn report(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn parse(yaml: &str) -> Value {
    whole(serde_json::to_value(load::read_values(yaml.as_bytes()).unwrap()).unwrap())
}

/// Whole numbers as integers: YAML is read through JSON, where all numbers are alike.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => Value::from(float as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, whole(value))).collect(),
        other => other,
    }
}

/// The objects of a kind.
pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

/// The one object of a kind.
pub(crate) fn only<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found = of_kind(objects, kind);
    assert_eq!(found.len(), 1, "{kind}: {found:?}");
    found[0]
}

/// Whether `labels` hold all that a selector's `matchLabels` ask for.
pub(crate) fn selects(wanted: &Value, labels: &Value) -> bool {
    wanted.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
}
