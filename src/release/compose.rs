//! A new revision, from a rendered chart.
//!
//! Helm: `pkg/release/v1/release.go`, `pkg/chart/v2/chart.go`, `metadata.go`, `dependency.go`. The charts inside the
//! chart are not recorded, as Helm does not record them either.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::object::to_json;
use super::revision::{APPLY_METHOD, Revision, Status, event_name};
use crate::chart::load::{Dependency, Import, Lock, Metadata};
use crate::chart::manifest::{DeletePolicy, Hook, OutputLogPolicy};
use crate::chart::render::{Release, Rendered};
use crate::chart::{self, Chart, File};

/// What a revision is made of.
#[derive(Clone, Copy, Debug)]
pub struct Composition<'a> {
    /// The release as its templates saw it.
    pub release: &'a Release,
    /// The chart that was rendered.
    pub chart: &'a Chart,
    /// The values that were given over the chart's own.
    pub values: &'a chart::Object,
    /// What came out.
    pub rendered: &'a Rendered,
    /// When the release was first deployed, as it is recorded; nothing at the first time.
    pub first_deployed: Option<&'a str>,
    /// When this is.
    pub at: Timestamp,
}

/// The revision, pending.
pub fn compose(of: &Composition<'_>) -> Revision {
    let at = of.at.to_string();
    let (status, description) = if of.release.is_upgrade {
        (Status::PendingUpgrade, "Preparing upgrade")
    } else {
        (Status::PendingInstall, "Initial install underway")
    };
    let mut info = Map::new();
    info.insert("first_deployed".to_owned(), json!(of.first_deployed.unwrap_or(&at)));
    info.insert("last_deployed".to_owned(), json!(at));
    info.insert("description".to_owned(), json!(description));
    info.insert("status".to_owned(), json!(status.name()));
    text(&mut info, "notes", &of.rendered.notes);
    let hooks: Vec<Value> = of.rendered.manifest.hooks.iter().map(hook).collect();
    let config = to_json(&chart::Value::Map(of.values.clone()));
    let mut document = json!({
        "name": of.release.name,
        "info": info,
        "chart": chart_document(of.chart),
        "config": config,
        "manifest": of.rendered.manifest_text(false),
        "version": of.release.revision,
        "namespace": of.release.namespace,
        "apply_method": APPLY_METHOD,
    });
    if !hooks.is_empty() {
        document["hooks"] = Value::Array(hooks);
    }
    Revision { document, labels: BTreeMap::new() }
}

/// Puts a text where it says something; Helm leaves empty ones out.
fn text(map: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        map.insert(key.to_owned(), json!(text));
    }
}

/// Puts a list where it says something.
fn list(map: &mut Map<String, Value>, key: &str, items: Vec<Value>) {
    if !items.is_empty() {
        map.insert(key.to_owned(), Value::Array(items));
    }
}

fn hook(hook: &Hook) -> Value {
    let mut out = Map::new();
    text(&mut out, "name", &hook.object.name);
    text(&mut out, "kind", &hook.object.kind);
    text(&mut out, "path", &hook.object.template);
    text(&mut out, "manifest", &hook.object.content);
    list(&mut out, "events", hook.events.iter().map(|event| json!(event_name(*event))).collect());
    out.insert("last_run".to_owned(), json!({ "phase": "" }));
    if hook.weight != 0 {
        out.insert("weight".to_owned(), json!(hook.weight));
    }
    let policies = hook.delete_policies.iter().map(|policy| match policy {
        DeletePolicy::HookSucceeded => json!("hook-succeeded"),
        DeletePolicy::HookFailed => json!("hook-failed"),
        DeletePolicy::BeforeHookCreation => json!("before-hook-creation"),
        DeletePolicy::Other(other) => json!(other),
    });
    list(&mut out, "delete_policies", policies.collect());
    let logs = hook.output_log_policies.iter().map(|policy| match policy {
        OutputLogPolicy::HookSucceeded => json!("hook-succeeded"),
        OutputLogPolicy::HookFailed => json!("hook-failed"),
        OutputLogPolicy::Other(other) => json!(other),
    });
    list(&mut out, "output_log_policies", logs.collect());
    Value::Object(out)
}

fn chart_document(chart: &Chart) -> Value {
    let files = |files: &[File]| -> Vec<Value> {
        files.iter().map(|file| json!({ "name": file.name, "data": STANDARD.encode(&*file.data) })).collect()
    };
    json!({
        "metadata": metadata(&chart.metadata),
        "lock": chart.lock.as_ref().and_then(lock),
        "templates": files(&chart.templates),
        "values": to_json(&chart::Value::Map(chart.values.clone())),
        "schema": chart.schema.as_ref().map(|schema| STANDARD.encode(&**schema)),
        "files": files(&chart.files),
    })
}

fn metadata(metadata: &Metadata) -> Value {
    let mut out = Map::new();
    let words = |words: &[String]| words.iter().map(|word| json!(word)).collect();
    text(&mut out, "name", &metadata.name);
    text(&mut out, "home", &metadata.home);
    list(&mut out, "sources", words(&metadata.sources));
    text(&mut out, "version", &metadata.version);
    text(&mut out, "description", &metadata.description);
    list(&mut out, "keywords", words(&metadata.keywords));
    let maintainers = metadata.maintainers.iter().map(|one| {
        let mut out = Map::new();
        text(&mut out, "name", &one.name);
        text(&mut out, "email", &one.email);
        text(&mut out, "url", &one.url);
        Value::Object(out)
    });
    list(&mut out, "maintainers", maintainers.collect());
    text(&mut out, "icon", &metadata.icon);
    text(&mut out, "apiVersion", &metadata.api_version);
    text(&mut out, "condition", &metadata.condition);
    text(&mut out, "tags", &metadata.tags);
    text(&mut out, "appVersion", &metadata.app_version);
    if metadata.deprecated {
        out.insert("deprecated".to_owned(), json!(true));
    }
    if let Some(annotations) = metadata.annotations.as_ref().filter(|annotations| !annotations.is_empty()) {
        out.insert("annotations".to_owned(), json!(annotations));
    }
    text(&mut out, "kubeVersion", &metadata.kube_version);
    list(&mut out, "dependencies", metadata.dependencies.iter().flatten().map(dependency).collect());
    text(&mut out, "type", &metadata.kind);
    Value::Object(out)
}

fn dependency(dependency: &Dependency) -> Value {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(dependency.name));
    text(&mut out, "version", &dependency.version);
    out.insert("repository".to_owned(), json!(dependency.repository));
    text(&mut out, "condition", &dependency.condition);
    list(&mut out, "tags", dependency.tags.iter().map(|tag| json!(tag)).collect());
    if dependency.enabled {
        out.insert("enabled".to_owned(), json!(true));
    }
    let imports = dependency.import_values.iter().filter_map(|import| match import {
        Import::Export(name) => Some(json!(name)),
        Import::Table { child, parent } => Some(json!({ "child": child, "parent": parent })),
        Import::Other => None,
    });
    list(&mut out, "import-values", imports.collect());
    text(&mut out, "alias", &dependency.alias);
    Value::Object(out)
}

/// A lock whose time Helm could not read would make the whole release unreadable to it: it is left out.
fn lock(lock: &Lock) -> Option<Value> {
    lock.generated.parse::<Timestamp>().ok()?;
    let dependencies: Vec<Value> = lock.dependencies.iter().map(dependency).collect();
    Some(json!({ "generated": lock.generated, "digest": lock.digest, "dependencies": dependencies }))
}
