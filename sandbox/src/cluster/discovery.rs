//! What is served, as clients ask for it.
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::kinds::{self, Resource};
use super::store::Store;

/// What clients may do with every kind.
const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// `/version`, for a cluster's version (`1.33`).
pub(super) fn version(kubernetes: &str) -> Value {
    let (major, minor) = kubernetes.split_once('.').unwrap_or((kubernetes, "0"));
    json!({
        "major": major, "minor": minor, "gitVersion": format!("v{kubernetes}.1-eks-sandbox"),
        "gitCommit": "", "gitTreeState": "clean", "buildDate": "2025-01-01T00:00:00Z", "goVersion": "",
        "compiler": "", "platform": "linux/amd64",
    })
}

/// `/api`.
pub(super) fn core() -> Value {
    json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] })
}

/// The versions of every group, the preferred one first.
fn groups(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in kinds::all(store).into_iter().filter(|resource| !resource.group.is_empty()) {
        let versions = groups.entry(resource.group).or_default();
        if !versions.contains(&resource.version) {
            versions.push(resource.version);
        }
    }
    for own in ["authentication.k8s.io", "authorization.k8s.io"] {
        groups.insert(own.to_owned(), vec!["v1".to_owned()]);
    }
    groups
        .values_mut()
        .for_each(|versions| versions.sort_by_key(|version| std::cmp::Reverse(priority(version))));
    groups
}

/// Stable versions before beta before alpha, later ones first.
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
fn priority(version: &str) -> (u8, u32, u32) {
    let numbers: Vec<u32> =
        version.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let stage = if version.contains("alpha") { 0 } else { 2 - u8::from(version.contains("beta")) };
    (stage, numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(0))
}

fn group_of(name: &str, versions: &[String]) -> Value {
    let shown: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "groupVersion": format!("{name}/{version}"), "version": version }))
        .collect();
    json!({ "name": name, "versions": shown, "preferredVersion": shown[0] })
}

/// `/apis`.
pub(super) fn all_groups(store: &Store) -> Value {
    let groups: Vec<Value> = groups(store).iter().map(|(name, versions)| group_of(name, versions)).collect();
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
}

/// `/apis/GROUP`.
pub(super) fn group(store: &Store, name: &str) -> Option<Value> {
    let mut group = group_of(name, groups(store).get(name)?);
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Some(group)
}

/// `/api/v1` and `/apis/GROUP/VERSION`.
pub(super) fn resources(store: &Store, group: &str, version: &str) -> Option<Value> {
    let mut shown = Vec::new();
    for resource in kinds::all(store) {
        if resource.group == group && resource.version == version {
            shown.extend(resource_of(&resource));
        }
    }
    match group {
        "authorization.k8s.io" => shown.push(review("selfsubjectaccessreviews", "SelfSubjectAccessReview")),
        "authentication.k8s.io" => shown.push(review("selfsubjectreviews", "SelfSubjectReview")),
        _ => {}
    }
    if shown.is_empty() {
        return None;
    }
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Some(json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": shown }))
}

/// `/openapi/v3`: where the documents of all groups and versions are.
pub(super) fn schemas(store: &Store) -> Value {
    let mut paths = json!({});
    for resource in kinds::all(store) {
        let place = match resource.group.as_str() {
            "" => format!("api/{}", resource.version),
            group => format!("apis/{group}/{}", resource.version),
        };
        let url = format!("/openapi/v3/{place}");
        paths[place] = json!({ "serverRelativeURL": url });
    }
    json!({ "paths": paths })
}

/// The document of a group and version: it has no schemas, and tells clients to leave the checking to the server.
pub(super) fn schema(store: &Store, group: &str, version: &str) -> Option<Value> {
    let mut paths = json!({});
    for resource in kinds::all(store).iter().filter(|one| one.group == group && one.version == version) {
        let root =
            if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let space = if resource.namespaced { "/namespaces/{namespace}" } else { "" };
        let path = format!("{root}{space}/{}/{{name}}", resource.plural);
        let parameter = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
        paths[path] = json!({ "patch": {
            "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
            "responses": {},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": { "group": group, "version": version, "kind": resource.kind },
        } });
    }
    let some = paths.as_object().is_some_and(|paths| !paths.is_empty());
    let info = json!({ "title": "Kubernetes", "version": version });
    some.then(|| json!({ "openapi": "3.0.0", "info": info, "paths": paths, "components": { "schemas": {} } }))
}

fn review(plural: &str, kind: &str) -> Value {
    json!({ "name": plural, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind, "verbs": ["create"] })
}

fn resource_of(resource: &Resource) -> Vec<Value> {
    let mut main = json!({
        "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": VERBS,
    });
    if !resource.short.is_empty() {
        main["shortNames"] = json!(resource.short);
    }
    if resource.common {
        main["categories"] = json!(["all"]);
    }
    let mut all = vec![main];
    let mut below = |name: &str, kind: &str, verbs: &[&str]| {
        all.push(json!({
            "name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced,
            "kind": kind, "verbs": verbs,
        }));
    };
    if resource.has_status {
        below("status", &resource.kind, &["get", "patch", "update"]);
    }
    if resource.has_scale {
        below("scale", "Scale", &["get", "patch", "update"]);
    }
    if resource.is("", "Pod") {
        below("log", "Pod", &["get"]);
    }
    all
}
