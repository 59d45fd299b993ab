//! Other kinds.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cluster::json::{list, text};
use crate::cluster::refusal::Cause;

const IMMUTABLE: &str = "field is immutable";

pub(super) fn service(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    let spec = &object["spec"];
    let kind = text(spec, "/type");
    if !TYPES.contains(&kind) {
        causes.push(Cause::unsupported("spec.type", &spec["type"], &TYPES));
    }
    let ports = list(spec, "/ports");
    if ports.is_empty() && kind != "ExternalName" && spec["clusterIP"] != "None" {
        causes.push(Cause::required("spec.ports", ""));
    }
    let (mut names, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for (index, port) in ports.iter().enumerate() {
        let here = format!("spec.ports[{index}]");
        let name = text(port, "/name");
        if name.is_empty() && ports.len() > 1 {
            causes.push(Cause::required(format!("{here}.name"), ""));
        } else if !names.insert(name) {
            causes.push(Cause::duplicate(format!("{here}.name"), &port["name"]));
        }
        if !port["port"].as_i64().is_some_and(|port| (1..=65_535).contains(&port)) {
            causes.push(Cause::invalid(
                format!("{here}.port"),
                &port["port"],
                "must be between 1 and 65535, inclusive",
            ));
        }
        if !taken.insert((port["port"].as_i64(), text(port, "/protocol"))) {
            causes.push(Cause::duplicate(here, &port["port"]));
        }
    }
    let before = live.map(|live| text(live, "/spec/clusterIP")).unwrap_or_default();
    let still = live.is_some_and(|live| text(live, "/spec/type") != "ExternalName") && kind != "ExternalName";
    if still && !before.is_empty() && before != text(spec, "/clusterIP") {
        causes.push(Cause::invalid("spec.clusterIP", &spec["clusterIP"], IMMUTABLE));
    }
}

pub(super) fn data(live: Option<&Value>, object: &Value, most: usize, causes: &mut Vec<Cause>) {
    let held = |key: &str| {
        let members = object[key].as_object().into_iter().flatten();
        members.map(|(_, value)| value.as_str().unwrap_or_default().len()).sum::<usize>()
    };
    let secret = object["kind"] == "Secret";
    let size = if secret { held("data") / 4 * 3 } else { held("data") + held("binaryData") / 4 * 3 };
    if size > most {
        causes.push(Cause::too_long(if secret { "data" } else { "" }, most));
    }
    let Some(live) = live else { return };
    if secret && live["type"] != object["type"] {
        causes.push(Cause::invalid("type", &object["type"], IMMUTABLE));
    }
    if live["immutable"] == true {
        for key in ["data", "binaryData", "immutable"] {
            if live[key] != object[key] {
                causes.push(Cause::forbidden(key, "field is immutable when `immutable` is set"));
            }
        }
    }
}

pub(super) fn definition(object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    let full = format!("{}.{}", text(spec, "/names/plural"), text(spec, "/group"));
    if full != text(object, "/metadata/name") {
        let why = format!("must be spec.names.plural+\".\"+spec.group ({full})");
        causes.push(Cause::invalid("metadata.name", &object["metadata"]["name"], &why));
    }
    if text(spec, "/names/kind").is_empty() {
        causes.push(Cause::required("spec.names.kind", ""));
    }
    if !["Namespaced", "Cluster"].contains(&text(spec, "/scope")) {
        causes.push(Cause::unsupported("spec.scope", &spec["scope"], &["Cluster", "Namespaced"]));
    }
    let versions = list(spec, "/versions");
    if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
        let why = "must have exactly one version marked as storage version";
        causes.push(Cause::invalid("spec.versions", &Value::from(versions.len()), why));
    }
    for (index, version) in versions.iter().enumerate() {
        if version.pointer("/schema/openAPIV3Schema").is_none() {
            causes.push(Cause::required(
                format!("spec.versions[{index}].schema.openAPIV3Schema"),
                "schemas are required",
            ));
        }
    }
}

pub(super) fn binding(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    if let Some(live) = live
        && live["roleRef"] != object["roleRef"]
    {
        causes.push(Cause::invalid("roleRef", &object["roleRef"], "cannot change roleRef"));
    }
}

pub(super) fn budget(object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    if !spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null() {
        let why = "minAvailable and maxUnavailable cannot be both set";
        causes.push(Cause::invalid("spec", &Value::from("…"), why));
    }
}

/// Types, required members and values of a definition's schema.
pub(super) fn typed(value: &Value, schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let fits = match schema["type"].as_str() {
        _ if schema["x-kubernetes-int-or-string"] == true => {
            value.is_i64() || value.is_u64() || value.is_string()
        }
        _ if value.is_null() && schema["nullable"] == true => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !fits {
        let why = format!(
            "{at} in body must be of type {}",
            schema["type"].as_str().unwrap_or("integer or string")
        );
        causes.push(Cause::invalid(at, value, &why));
        return;
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
        causes.push(Cause::unsupported(at, value, &known));
    }
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    for key in list(schema, "/required").iter().filter_map(Value::as_str) {
        if value.get(key).is_none() && value.is_object() {
            causes.push(Cause::required(below(key), ""));
        }
    }
    for (key, inside) in
        value.as_object().into_iter().flatten().filter(|(key, _)| *key != "metadata" || !at.is_empty())
    {
        let more = schema.get("additionalProperties").filter(|more| more.is_object());
        if let Some(schema) = schema["properties"].get(key).or(more) {
            typed(inside, schema, &below(key), causes);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(schema) = schema.get("items") {
            typed(item, schema, &format!("{at}[{index}]"), causes);
        }
    }
}
