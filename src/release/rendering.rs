//! A chart rendered for a plan, and again for the cluster: both times the same comes out.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{ManifestError, Object, objects};
use crate::chart::capabilities::{self, InvalidKubeVersion};
use crate::chart::host::{Host, Lookup};
use crate::chart::load::read_values;
use crate::chart::manifest::split;
use crate::chart::render::{RenderError, RenderOptions, Rendered, render as render_chart};
use crate::chart::yaml::YamlError;
use crate::chart::{self, Chart, value};
use crate::model::Document;

/// What a chart is rendered for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The release's name.
    pub name: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The Kubernetes that the chart is told of (`1.33`).
    pub kubernetes: &'a str,
}

/// A chart that cannot be rendered so that a plan could hold it.
#[derive(Debug, thiserror::Error)]
pub enum RenderingError {
    /// Its values are none.
    #[error("the values of {name} are no values")]
    Values {
        /// The release.
        name: String,
        /// What is wrong with them.
        source: YamlError,
    },
    /// The version of Kubernetes is none.
    #[error(transparent)]
    Kubernetes(#[from] InvalidKubeVersion),
    /// The chart refuses.
    #[error("the chart {chart} cannot be rendered for {name}")]
    Chart {
        /// The release.
        name: String,
        /// The chart.
        chart: String,
        /// Why.
        source: Box<RenderError>,
    },
    /// What came out is no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// What comes out is another thing each time.
    #[error(
        "the chart {chart} uses {what}: what it gives for {name} is never the same twice, and cannot be planned"
    )]
    Unsteady {
        /// The release.
        name: String,
        /// The chart.
        chart: String,
        /// What it uses.
        what: &'static str,
    },
}

/// A rendered chart, its objects by the labels that plans know them by.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// What came out.
    pub rendered: Rendered,
    /// The values over the chart's own.
    pub values: chart::Object,
    /// Kinds that others are of, from `crds/`: made and changed, never deleted with the release.
    pub definitions: BTreeMap<String, Object>,
    /// The objects.
    pub objects: BTreeMap<String, Object>,
}

impl Rendering {
    /// Everything as plans and states may hold it.
    pub fn masked(&self) -> BTreeMap<String, Document> {
        let all = self.definitions.iter().chain(&self.objects);
        all.map(|(label, object)| (label.clone(), object.masked().into())).collect()
    }

    /// Everything, by label.
    pub fn all(&self) -> BTreeMap<&str, &Object> {
        self.definitions.iter().chain(&self.objects).map(|(label, object)| (label.as_str(), object)).collect()
    }

    /// Where an object comes from: the template, with its chart's path, and the line in it, from 1. `namespace` is the
    /// release's.
    pub fn place_of(&self, label: &str, namespace: &str) -> Option<(&str, usize)> {
        let has = |text: &str| {
            let found = objects(text, namespace).unwrap_or_default();
            found.iter().any(|object| object.key.label() == label)
        };
        let made = self.rendered.manifest.objects.iter().find(|object| has(&object.content));
        if let Some(object) = made {
            return Some((&object.template, object.line));
        }
        self.rendered.crds.iter().find_map(|(path, file)| {
            let documents = split(std::str::from_utf8(&file.data).ok()?);
            let found = documents.iter().find(|document| has(document.text))?;
            Some((path.as_str(), found.line))
        })
    }
}

/// Renders a chart. Every time counts as the first: what a plan shows and what is applied must not differ. Secrets that
/// the chart makes once (their keys, by name) are looked up as stand-ins.
///
/// # Errors
/// When the chart refuses, or when what it gives would be another thing the next time.
pub fn render(
    chart: &Chart,
    of: Subject<'_>,
    values: &Value,
    makes_once: &BTreeMap<String, Vec<String>>,
) -> Result<Rendering, RenderingError> {
    let host = Still::new(of.namespace, makes_once);
    let rendering = render_on(chart, of, values, &host);
    if let Some(what) = host.used() {
        let (name, chart) = (of.name.to_owned(), chart.name().to_owned());
        return Err(RenderingError::Unsteady { name, chart, what });
    }
    rendering
}

/// The same on a host of the caller's.
///
/// # Errors
/// When the chart refuses.
pub fn render_on(
    chart: &Chart,
    of: Subject<'_>,
    values: &Value,
    host: &dyn Host,
) -> Result<Rendering, RenderingError> {
    let name = || of.name.to_owned();
    let is_resolved = Document::from(values.clone()).placeholders().is_empty();
    let values = read_values(values.to_string().as_bytes())
        .map_err(|source| RenderingError::Values { name: name(), source })?;
    let mut options = RenderOptions::install(of.name, of.namespace);
    options.capabilities = capabilities::with(Some(of.kubernetes), &[])?;
    // A schema knows nothing of placeholders: it is held against the values once all of them are known.
    options.skip_schema = !is_resolved;
    let rendered = render_chart(chart.clone(), &values, &options, host).map_err(|source| {
        let (chart, source) = (chart.name().to_owned(), Box::new(source));
        RenderingError::Chart { name: name(), chart, source }
    })?;
    let by_label = |objects: Vec<Object>| -> BTreeMap<String, Object> {
        objects.into_iter().map(|object| (object.key.label(), object)).collect()
    };
    let mut definitions = BTreeMap::new();
    for (_, file) in &rendered.crds {
        definitions.extend(by_label(objects(&String::from_utf8_lossy(&file.data), of.namespace)?));
    }
    let objects = by_label(objects(&rendered.manifest_text(false), of.namespace)?);
    Ok(Rendering { rendered, values, definitions, objects })
}

/// A world that stands still, and knows whether anybody looked at its clock or threw its dice.
struct Still<'a> {
    namespace: &'a str,
    /// Secrets that are told to be there already.
    makes_once: &'a BTreeMap<String, Vec<String>>,
    clock: Cell<bool>,
    dice: Cell<bool>,
    state: Cell<u64>,
}

impl<'a> Still<'a> {
    fn new(namespace: &'a str, makes_once: &'a BTreeMap<String, Vec<String>>) -> Self {
        let (clock, dice, state) = Default::default();
        Self { namespace, makes_once, clock, dice, state }
    }

    fn used(&self) -> Option<&'static str> {
        match (self.dice.get(), self.clock.get()) {
            (true, _) => Some("random values"),
            (_, true) => Some("the time of day"),
            _ => None,
        }
    }
}

impl Host for Still<'_> {
    fn now(&self) -> (i64, u32) {
        self.clock.set(true);
        (0, 0)
    }

    /// Bytes that differ, or whoever throws again until a throw is fit would throw for ever.
    fn fill_random(&self, bytes: &mut [u8]) {
        self.dice.set(true);
        for byte in bytes {
            let state = self.state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.state.set(state);
            *byte = state.to_be_bytes()[0];
        }
    }

    fn lookup(&self, query: &Lookup<'_>) -> Result<Option<value::Value>, String> {
        let ours = query.api_version == "v1" && query.kind == "Secret" && query.namespace == self.namespace;
        let Some(keys) = self.makes_once.get(query.name).filter(|_| ours) else { return Ok(None) };
        let data = keys.iter().map(|key| (key.clone(), STAND_IN.into())).collect();
        let secret = [
            ("apiVersion".to_owned(), "v1".into()),
            ("kind".to_owned(), "Secret".into()),
            ("data".to_owned(), value::Value::Map(data)),
        ];
        Ok(Some(value::Value::Map(secret.into_iter().collect())))
    }
}

/// What stands in a plan for what a chart makes at its first deploy, as a Secret has it ...
const STAND_IN: &str = "bWFkZSBhdCB0aGUgZmlyc3QgZGVwbG95";

/// ... and in plain words.
const IN_WORDS: &str = "made at the first deploy";

/// Whether something is made of what a chart makes only at its first deploy, so that a stand-in is in its place.
pub fn has_stand_in(object: &Object) -> bool {
    let text = object.body.to_string();
    [STAND_IN, IN_WORDS].iter().any(|stand_in| text.contains(stand_in))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chart::File;
    use crate::chart::load::from_files;

    fn chart(template: &str) -> Chart {
        from_files(vec![
            File::new("Chart.yaml", b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            File::new("values.yaml", b"image: {digest: none}\n"),
            File::new("templates/a.yaml", template.as_bytes()),
        ])
        .unwrap()
    }

    const OF: Subject<'static> = Subject { name: "web", namespace: "shop", kubernetes: "1.33" };

    fn plan(chart: &Chart, values: &Value) -> Result<Rendering, RenderingError> {
        render(chart, OF, values, &BTreeMap::new())
    }

    #[test]
    fn what_is_not_known_yet_stays_a_placeholder() {
        let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {image: '{{ .Values.image.digest }}'}\n";
        let values = json!({"image": {"digest": "x@@{image.web#digest}"}});
        let rendering = render(&chart(template), OF, &values, &BTreeMap::new()).unwrap();
        let masked = rendering.masked();
        let object = &masked["ConfigMap shop/a"];
        assert_eq!(object.value()["data"]["image"], "x@@{image.web#digest}");
        assert_eq!(object.placeholders().len(), 1);
        assert_eq!(rendering.all().len(), 1);
    }

    #[test]
    fn an_object_is_found_where_it_comes_from() {
        let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        let definition =
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.b}\n";
        let mut chart = chart(&format!("{}---\n{}", map("a"), map("b")));
        let crd = File::new("crds/as.yaml", format!("# kinds\n---\n{definition}").as_bytes());
        chart.files.push(crd);
        let rendering = plan(&chart, &json!({})).unwrap();
        let place = |label: &str| rendering.place_of(label, "shop");
        assert_eq!(place("ConfigMap shop/a"), Some(("web/templates/a.yaml", 1)));
        assert_eq!(place("ConfigMap shop/b"), Some(("web/templates/a.yaml", 5)));
        assert_eq!(place("CustomResourceDefinition as.b"), Some(("web/crds/as.yaml", 3)));
        assert_eq!(place("ConfigMap shop/c"), None);
    }

    #[test]
    fn a_schema_is_held_against_values_that_are_known() {
        let mut chart = chart("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        let schema = br#"{"properties": {"digest": {"type": "string", "pattern": "^sha256:"}}}"#;
        chart.schema = Some(schema.as_slice().into());
        assert!(plan(&chart, &json!({"digest": "@{image.web#digest}"})).is_ok());
        assert!(plan(&chart, &json!({"digest": "sha256:1"})).is_ok());
        assert!(plan(&chart, &json!({"digest": "other"})).is_err());
    }

    #[test]
    fn what_is_another_thing_each_time_is_refused() {
        for (template, what) in
            [("a: {{ randAlphaNum 5 }}", "random values"), ("a: {{ now }}", "the time of day")]
        {
            let error = plan(&chart(template), &json!({})).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let error = plan(&chart("a: {{ fail \"no\" }}"), &json!({})).unwrap_err();
        assert!(error.to_string().contains("cannot be rendered for web"), "{error}");
    }

    /// A chart that throws dice only for a Secret that is not there can be planned, when it is said which one.
    #[test]
    fn what_is_made_once_stands_in_a_plan_by_a_stand_in() {
        let template = "{{ $s := lookup \"v1\" \"Secret\" .Release.Namespace \"tls\" }}\napiVersion: v1\nkind: ConfigMap\n\
            metadata: {name: a}\ndata: {ca: '{{ if $s }}{{ index $s.data \"ca.crt\" | b64dec }}{{ else }}{{ randAlphaNum 9 }}{{ end }}'}\n";
        let chart = chart(template);
        assert!(plan(&chart, &json!({})).is_err());
        let once = BTreeMap::from([("tls".to_owned(), vec!["ca.crt".to_owned()])]);
        let rendering = render(&chart, OF, &json!({}), &once).unwrap();
        assert_eq!(rendering.masked()["ConfigMap shop/a"].value()["data"]["ca"], IN_WORDS);
        assert!(has_stand_in(&rendering.objects["ConfigMap shop/a"]));
    }
}
