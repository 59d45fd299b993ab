//! The two colours of a release: which one serves, which one comes next, and the plan's words for either.
//!
//! What serves is the Service's to say: a run may have been cut before it could record what it did. Pods that stay as
//! they are keep their colour; all others come up in the one that does not serve.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::DeployError;
use super::look::recorded;
use super::objects::target;
use super::releases::Releases;
use crate::model::Document;
use crate::model::kubernetes::{Color, Release};
use crate::provider::Error;
use crate::provider::kube::Cluster;
use crate::release::{Object, Rendering, Revision, in_color, objects, restate, stood_last};

/// The colour that requests are sent to; nothing while there is none. `objects` are the release's, in any colour.
pub(super) async fn serving(
    cluster: &Cluster,
    objects: impl IntoIterator<Item = &Object>,
    history: &[Revision],
) -> Result<Option<Color>, Error> {
    for service in objects.into_iter().filter(|object| object.is_service()) {
        if service.body["spec"]["selector"]["color"].is_null() {
            continue;
        }
        let live = cluster.get(&target(service)).await?.unwrap_or_default();
        let color = live["spec"]["selector"]["color"].as_str().and_then(Color::of);
        if color.is_some() {
            return Ok(color);
        }
    }
    // It leads to all colours while a load balancer gets to know the next one.
    Ok(stood_last(history).and_then(color_of))
}

/// The colour of a revision's pods.
pub(super) fn color_of(revision: &Revision) -> Option<Color> {
    revision.document()["config"]["color"].as_str().and_then(Color::of)
}

/// Whether the pods of some objects are those that are recorded.
fn has_pods_of(objects: &BTreeMap<String, Object>, recorded: &BTreeMap<String, Object>) -> bool {
    let template = |object: &Object| object.body["spec"]["template"].clone();
    objects.iter().filter(|(_, object)| !template(object).is_null()).all(|(label, object)| {
        recorded.get(label).is_some_and(|recorded| template(recorded) == template(object))
    })
}

/// A release in the colour that it is to come up in.
pub(super) async fn next(
    releases: &Releases,
    release: &Release,
    history: &[Revision],
) -> Result<Option<Rendering>, DeployError> {
    let Some(blue) = releases.render_in(release, Color::Blue) else { return Ok(None) };
    let blue = blue?;
    let Some(serving) = serving(&releases.cluster, blue.objects.values(), history).await? else {
        return Ok(Some(blue));
    };
    let Some(same) = releases.render_in(release, serving) else { return Ok(None) };
    let same = same?;
    if has_pods_of(&same.objects, &recorded(history)?) {
        return Ok(Some(same));
    }
    Ok(releases.render_in(release, serving.other()).transpose()?)
}

/// The colour in which an earlier revision is brought back: as that of a deploy of the same content. Nothing where it
/// has none.
pub(super) async fn again(
    cluster: &Cluster,
    revision: &Revision,
    history: &[Revision],
) -> Result<Option<Color>, DeployError> {
    let Some(had) = color_of(revision) else { return Ok(None) };
    let all = objects(revision.manifest(), revision.namespace())?;
    let Some(serving) = serving(cluster, &all, history).await? else { return Ok(Some(had)) };
    let same = in_color(revision.clone(), serving);
    let all = objects(same.manifest(), same.namespace())?;
    let all = all.into_iter().map(|object| (object.key.label(), object)).collect();
    let stays = color_of(&same) == Some(serving) && has_pods_of(&all, &recorded(history)?);
    Ok(Some(if stays { serving } else { serving.other() }))
}

/// Tells what was seen of a colour in the plan's words, where its colour has no name. What is of another colour keeps
/// its own: the plan knows nothing of it, so it goes.
pub(super) fn in_the_plans_words(
    found: BTreeMap<String, Document>,
    seen: &Rendering,
    planned: &Rendering,
) -> BTreeMap<String, Document> {
    let names: BTreeMap<&str, (&Object, &Object)> = in_order(seen)
        .into_iter()
        .zip(in_order(planned))
        .map(|(real, planned)| (real.0, (real.1, planned.1)))
        .collect();
    let told = found.into_iter().map(|(label, object)| match names.get(label.as_str()) {
        None => (label, object),
        Some((real, planned)) => {
            let mut told = object.value().clone();
            restate(&mut told, &real.masked(), &planned.masked());
            (planned.key.label(), told.into())
        }
    });
    told.collect()
}

/// The objects of a rendering in an order that does not hang on the colour.
fn in_order(rendering: &Rendering) -> Vec<(&str, &Object)> {
    let mut all: Vec<(&str, &Object)> = rendering.all().into_iter().collect();
    all.sort_by(|(_, a), (_, b)| (&a.template, &a.key).cmp(&(&b.template, &b.key)));
    all
}

/// The values of a revision, its colour without a name.
pub(super) fn values_in_the_plans_words(mut values: Value) -> Value {
    if values.get("color").and_then(Value::as_str).and_then(Color::of).is_some() {
        values["color"] = Color::STAND_IN.into();
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::release::{Builtin, Subject, render};

    fn rendering(color: &str, replicas: u32, shown: &str) -> Rendering {
        let values = json!({"name": "web", "color": color, "replicas": replicas, "env": {"SHOWN": shown},
            "image": {"repository": "registry.example.com/web", "digest": format!("sha256:{}", "0".repeat(64))}});
        let subject = Subject { name: "web", namespace: "shop", kubernetes: "1.33" };
        render(&Builtin::Service.chart().unwrap(), subject, &values, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn what_serves_is_told_in_the_plans_words_and_no_other() {
        let (seen, planned) = (rendering("green", 2, "a"), rendering(Color::STAND_IN, 2, "a"));
        assert_eq!(in_the_plans_words(seen.masked(), &seen, &planned), planned.masked());
        // What differs is told, and so is what is of the other colour.
        let mut found = rendering("green", 5, "a").masked();
        let blue = rendering("blue", 2, "a").masked();
        let label = "Deployment shop/web-blue".to_owned();
        found.insert(label.clone(), blue[&label].clone());
        let told = in_the_plans_words(found, &seen, &planned);
        let deployment = told["Deployment shop/web-color"].value();
        assert_eq!(
            (&deployment["spec"]["replicas"], &deployment["metadata"]["labels"]["color"]),
            (&json!(5), &json!("color"))
        );
        assert_eq!(told[&label], blue[&label]);
        assert_eq!(told.len(), planned.objects.len() + 1);
    }

    #[test]
    fn pods_are_the_same_when_their_templates_are() {
        let recorded = rendering("green", 2, "a").objects;
        assert!(has_pods_of(&rendering("green", 3, "a").objects, &recorded));
        assert!(!has_pods_of(&rendering("green", 2, "b").objects, &recorded));
        assert!(!has_pods_of(&rendering("blue", 2, "a").objects, &recorded));
    }

    #[test]
    fn values_have_the_stand_in_for_a_colour_alone() {
        assert_eq!(values_in_the_plans_words(json!({"color": "blue"})), json!({"color": Color::STAND_IN}));
        assert_eq!(values_in_the_plans_words(json!({"color": "red"})), json!({"color": "red"}));
        assert_eq!(values_in_the_plans_words(json!({})), json!({}));
    }
}
