//! Whatever is found in an object before there is a cluster, an API server refuses as well.
//!
//! Every field of every object of `misfits.yaml` is written wrongly, made something else and left out, one at a time, and
//! what is found in it then is held against what a dry run of the apply says.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use platctl::chart::api::{Finding, Schemas, check};
use platctl::chart::manifest::sort;
use platctl::chart::render::Rendered;
use platctl::provider::Class;
use platctl::provider::kube::{Access, ApplyError, Cluster, How, Target};
use serde_json::{Map, Value, json};

use crate::server::Server;

/// What is found in an object; nothing for what no chart can give, as hooks are told by annotations.
fn found(schemas: &mut Schemas, manifest: &str) -> Option<Vec<Finding>> {
    let files = BTreeMap::from([("a/templates/a.yaml".to_owned(), manifest.to_owned())]);
    let rendered = Rendered { manifest: sort(&files).ok()?, ..Rendered::default() };
    Some(check(&rendered, schemas, &|_| false).findings)
}

/// Why the server would not take an object; nothing if it would.
async fn refusal(cluster: &Cluster, object: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let api_version = text(&object["apiVersion"]);
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
    let target = Target {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: text(&object["kind"]),
        namespace: "default".to_owned(),
        name: text(&object["metadata"]["name"]),
    };
    let how = How { release: "a", namespace: "default", force: true, dry_run: true };
    let ApplyError::Call { source, .. } = cluster.apply(&target, object, how).await.err()? else {
        panic!("{object} is there already");
    };
    // A field that is none is an error of the server's own to 1.20.
    assert!(matches!(source.class, Class::Invalid | Class::Unavailable), "{source:?}");
    Some(source.message)
}

/// The object with each field changed in each way, one at a time, and what was done.
fn variants(value: &Value, path: &str) -> Vec<(String, Value)> {
    let others = [json!(5), json!(true), json!("some text"), json!(["a"]), json!({"a": "b"})];
    let mut found = Vec::new();
    let has_name = path.is_empty() || path == ".metadata";
    if !has_name {
        found.extend(
            others
                .into_iter()
                .filter(|other| other != value)
                .map(|other| (format!("{path} = {other}"), other)),
        );
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if has_name && ["apiVersion", "kind", "name"].contains(&key.as_str()) {
                    continue;
                }
                let with = |change: &dyn Fn(&mut Map<String, Value>)| {
                    let mut members = members.clone();
                    change(&mut members);
                    Value::Object(members)
                };
                let at = format!("{path}.{key}");
                found.extend(variants(member, &at).into_iter().map(|(told, member)| {
                    (told, with(&|members| drop(members.insert(key.clone(), member.clone()))))
                }));
                if at == ".metadata" {
                    continue;
                }
                found.push((format!("{at} missing"), with(&|members| drop(members.remove(key)))));
                found.push((
                    format!("{at} null"),
                    with(&|members| drop(members.insert(key.clone(), Value::Null))),
                ));
                let wrong = |members: &mut Map<String, Value>| {
                    let value = members.remove(key).unwrap_or_default();
                    members.insert(format!("{key}Of"), value);
                };
                found.push((format!("{at} misspelt"), with(&wrong)));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.extend(variants(item, &format!("{path}.{index}")).into_iter().map(|(told, item)| {
                    let mut items = items.clone();
                    items[index] = item;
                    (told, Value::Array(items))
                }));
            }
        }
        _ => {}
    }
    found
}

pub(crate) fn hold(server: &Server) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(hold_all(server));
}

async fn hold_all(server: &Server) {
    let access = Access::Context { file: Some(server.path("kubeconfig")), context: "k8s-test".to_owned() };
    let cluster = Cluster::new(access);
    let mut schemas = Schemas::default();
    let (mut tried, mut both, mut later) = (0, 0, 0);
    let [mut unfit, mut missed, mut wrong] = [const { Vec::new() }; 3];
    for text in include_str!("misfits.yaml").split("\n---\n") {
        assert_eq!(found(&mut schemas, text), Some(Vec::new()), "{text}");
        let whole = platctl::chart::yaml::read_typed(text.as_bytes()).unwrap();
        let whole = serde_json::to_value(&whole).unwrap();
        if let Some(told) = refusal(&cluster, &whole).await {
            unfit.push(format!("{}: {told}", whole["kind"]));
            continue;
        }
        let variants = variants(&whole, "");
        let refusals = variants.iter().map(|(_, object)| refusal(&cluster, object));
        let refusals: Vec<Option<String>> = stream::iter(refusals).buffered(8).collect().await;
        tried += variants.len();
        for ((what, object), refusal) in variants.iter().zip(refusals) {
            let what = format!("{} {what}", whole["kind"]);
            let Some(found) = found(&mut schemas, &object.to_string()) else { continue };
            match (found.first(), refusal) {
                // The pods and claims of a StatefulSet are looked at when they are made, and refused then.
                (Some(_), None) if whole["kind"] == "StatefulSet" => later += 1,
                (Some(finding), None) => wrong.push(format!("{what}: {finding}")),
                (Some(_), Some(_)) => both += 1,
                (None, Some(told)) => missed.push(format!("{what}: {told}")),
                (None, None) => {}
            }
        }
    }
    assert!(unfit.is_empty(), "refused as they are:\n{}", unfit.join("\n"));
    eprintln!("{tried} variants: {both} refused by both, {} by the server alone", missed.len());
    for missed in &missed {
        eprintln!("not found: {missed}");
    }
    assert!(wrong.is_empty(), "{} findings that are none:\n{}", wrong.len(), wrong.join("\n"));
    assert!(both > 4000 && later < 10, "{both} of {tried}, and {later} when it is too late");
}
