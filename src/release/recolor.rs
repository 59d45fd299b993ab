//! A recorded revision in another colour: its own chart, rendered again with its own values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::rendering::{Rendering, Subject, render};
use super::revision::Revision;
use crate::chart::load::from_files;
use crate::chart::{Chart, File};
use crate::model::kubernetes::Color;

/// The revision with its pods in a colour. One whose chart does not give what is recorded of it, so that nobody could
/// say what else would change, is given back as it is, as is one with hooks.
pub fn in_color(revision: Revision, color: Color) -> Revision {
    if revision.document["config"]["color"] == color.name() {
        return revision;
    }
    recolored(&revision, color).unwrap_or(revision)
}

fn recolored(revision: &Revision, color: Color) -> Option<Revision> {
    let chart = chart(&revision.document["chart"])?;
    let mut values = revision.document["config"].clone();
    let as_it_was = rendered(revision, &chart, &values)?;
    if as_it_was.rendered.manifest_text(false) != revision.manifest() || !revision.document["hooks"].is_null()
    {
        return None;
    }
    values["color"] = color.name().into();
    let recolored = rendered(revision, &chart, &values)?.rendered;
    let mut revision = revision.clone();
    revision.document["config"] = values;
    revision.document["manifest"] = recolored.manifest_text(false).into();
    revision.document["info"]["notes"] = recolored.notes.into();
    Some(revision)
}

fn rendered(revision: &Revision, chart: &Chart, values: &Value) -> Option<Rendering> {
    let kubernetes = "1.33";
    let subject = Subject { name: revision.name(), namespace: revision.namespace(), kubernetes };
    render(chart, subject, values, &Default::default()).ok()
}

/// A chart as it is recorded. Charts inside a chart are not.
fn chart(document: &Value) -> Option<Chart> {
    let mut files = vec![
        File::new("Chart.yaml", document["metadata"].to_string().as_bytes()),
        File::new("values.yaml", document["values"].to_string().as_bytes()),
    ];
    let bytes = |data: &Value| STANDARD.decode(data.as_str()?).ok();
    if let Some(schema) = bytes(&document["schema"]) {
        files.push(File::new("values.schema.json", &schema));
    }
    for file in ["templates", "files"].into_iter().filter_map(|key| document[key].as_array()).flatten() {
        files.push(File::new(file["name"].as_str()?, &bytes(&file["data"])?));
    }
    from_files(files).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::release::{Builtin, Composition, compose, objects};

    /// A revision of a service, blue.
    fn blue(replicas: u32) -> Revision {
        let chart = Builtin::Service.chart().unwrap();
        let values = json!({"name": "web", "color": "blue", "replicas": replicas,
            "image": {"repository": "registry.example.com/web", "digest": format!("sha256:{}", "0".repeat(64))}});
        let subject = Subject { name: "web", namespace: "shop", kubernetes: "1.33" };
        let rendering = render(&chart, subject, &values, &BTreeMap::new()).unwrap();
        let release = crate::chart::render::Release {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision: 1,
            is_upgrade: false,
        };
        compose(&Composition {
            release: &release,
            chart: &chart,
            values: &rendering.values,
            rendered: &rendering.rendered,
            first_deployed: None,
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
        })
    }

    fn labels(revision: &Revision) -> Vec<String> {
        let all = objects(revision.manifest(), "shop").unwrap();
        all.iter().map(|object| object.key.label()).collect()
    }

    #[test]
    fn a_revision_is_given_in_the_other_colour_and_is_otherwise_the_same() {
        let blue = blue(3);
        let green = in_color(blue.clone(), Color::Green);
        assert!(labels(&blue).contains(&"Deployment shop/web-blue".to_owned()), "{:?}", labels(&blue));
        assert!(labels(&green).contains(&"Deployment shop/web-green".to_owned()), "{:?}", labels(&green));
        assert_eq!(green.document["config"]["color"], "green");
        assert_eq!(green.manifest().replace("green", "blue"), blue.manifest());
        assert_eq!(in_color(green, Color::Blue), blue);
    }

    #[test]
    fn what_its_chart_does_not_give_is_not_guessed_at() {
        let mut changed = blue(3);
        changed.document["manifest"] = json!(changed.manifest().replace("replicas: 3", "replicas: 4"));
        assert_eq!(in_color(changed.clone(), Color::Green), changed);
    }
}
