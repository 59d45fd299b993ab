//! Lists as tables, as kubectl shows them.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

use serde_json::{Value, json};

use super::json::{self, is_leaving, list, number, text};
use super::kinds::{self, Resource};

/// Whether a client asks for a table.
pub(super) fn is_wanted(accept: &str) -> bool {
    accept.contains("as=Table")
}

/// A column: its title, and the cell of an object.
type Column = (&'static str, fn(&Value) -> Value);

/// An object or a list of them as a table.
pub(super) fn table(resource: &Resource, shown: &Value) -> Value {
    let one = std::slice::from_ref(shown);
    let objects = shown.get("items").and_then(Value::as_array).map_or(one, Vec::as_slice);
    let columns = columns(resource);
    let definitions: Vec<Value> = columns
        .iter()
        .enumerate()
        .map(|(index, (title, _))| {
            let format = if index == 0 { "name" } else { "" };
            json!({ "name": title, "type": "string", "format": format, "description": title, "priority": 0 })
        })
        .collect();
    let row = |object: &Value| {
        let metadata = json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] });
        let cells: Vec<Value> = columns.iter().map(|(_, cell)| cell(object)).collect();
        json!({ "cells": cells, "object": metadata })
    };
    let metadata = if shown.get("items").is_some() { shown["metadata"].clone() } else { json!({}) };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": definitions,
        "rows": objects.iter().map(row).collect::<Vec<_>>(),
    })
}

fn columns(resource: &Resource) -> Vec<Column> {
    let own: &[Column] = match (resource.group.as_str(), resource.kind.as_str()) {
        ("", "Pod") => &[("Ready", pod_ready), ("Status", pod_status), ("Restarts", restarts)],
        ("apps", "Deployment") => &[
            ("Ready", |one| ratio(one, "/status/readyReplicas", "/spec/replicas")),
            ("Up-to-date", |one| number(one, "/status/updatedReplicas", 0).into()),
            ("Available", |one| number(one, "/status/availableReplicas", 0).into()),
        ],
        ("apps", "ReplicaSet") => &[
            ("Desired", |one| number(one, "/spec/replicas", 0).into()),
            ("Current", |one| number(one, "/status/replicas", 0).into()),
            ("Ready", |one| number(one, "/status/readyReplicas", 0).into()),
        ],
        ("apps", "StatefulSet") => &[("Ready", |one| ratio(one, "/status/readyReplicas", "/spec/replicas"))],
        ("apps", "DaemonSet") => &[
            ("Desired", |one| number(one, "/status/desiredNumberScheduled", 0).into()),
            ("Ready", |one| number(one, "/status/numberReady", 0).into()),
        ],
        ("", "Service") => &[
            ("Type", |one| one["spec"]["type"].clone()),
            ("Cluster-IP", |one| or_none(text(one, "/spec/clusterIP"))),
            ("External-IP", |one| or_none(text(one, "/status/loadBalancer/ingress/0/hostname"))),
            ("Port(s)", ports),
        ],
        ("", "Node") => {
            &[("Status", node_status), ("Version", |one| text(one, "/status/nodeInfo/kubeletVersion").into())]
        }
        ("", "Namespace") => &[("Status", |one| one["status"]["phase"].clone())],
        ("", "Secret") => &[("Type", |one| one["type"].clone()), ("Data", data)],
        ("", "ConfigMap") => &[("Data", data)],
        ("", "Event") => &[
            ("Type", |one| one["type"].clone()),
            ("Reason", |one| one["reason"].clone()),
            ("Object", |one| text(one, "/involvedObject/name").into()),
            ("Message", |one| one["message"].clone()),
        ],
        _ => &[],
    };
    let mut all: Vec<Column> = vec![("Name", |one| json::name(one).into())];
    all.extend(own);
    all.push(("Age", age));
    all
}

fn ratio(object: &Value, has: &str, wants: &str) -> Value {
    format!("{}/{}", number(object, has, 0), number(object, wants, 0)).into()
}

fn or_none(text: &str) -> Value {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

fn pod_ready(pod: &Value) -> Value {
    let statuses = list(pod, "/status/containerStatuses");
    let ready = statuses.iter().filter(|one| one["ready"] == true).count();
    format!("{ready}/{}", list(pod, "/spec/containers").len()).into()
}

/// What is the matter with it, or its phase.
fn pod_status(pod: &Value) -> Value {
    if is_leaving(pod) {
        return "Terminating".into();
    }
    let states = list(pod, "/status/containerStatuses").iter().map(|one| &one["state"]);
    let mut reasons = states.filter_map(|state| {
        let reason = state["waiting"].get("reason").or_else(|| state["terminated"].get("reason"));
        reason.and_then(Value::as_str)
    });
    let simulated = pod["metadata"]["annotations"].get(super::marks::SIMULATED).map(|_| "Simulated");
    let phase = text(pod, "/status/phase");
    simulated.or(reasons.next_back()).unwrap_or(phase).into()
}

fn restarts(pod: &Value) -> Value {
    let statuses = list(pod, "/status/containerStatuses").iter();
    statuses.map(|one| number(one, "/restartCount", 0)).sum::<i64>().into()
}

fn ports(service: &Value) -> Value {
    let port = |port: &Value| format!("{}/{}", port["port"], text(port, "/protocol"));
    let all: Vec<String> = list(service, "/spec/ports").iter().map(port).collect();
    all.join(",").into()
}

fn node_status(node: &Value) -> Value {
    if kinds::condition(node, "Ready") { "Ready".into() } else { "NotReady".into() }
}

fn data(object: &Value) -> Value {
    object["data"].as_object().map_or(0, serde_json::Map::len).into()
}

/// As kubectl writes times: the largest units.
fn age(object: &Value) -> Value {
    let made = text(object, "/metadata/creationTimestamp").parse::<jiff::Timestamp>();
    let Ok(made) = made else { return "<unknown>".into() };
    let seconds = (json::wall().0 - made.as_millisecond()).max(0) / 1000;
    let told = match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    };
    told.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_are_told_in_a_line_each() {
        let pod = json!({ "metadata": { "name": "a", "creationTimestamp": json::now() },
            "spec": { "containers": [{ "name": "web" }] },
            "status": { "phase": "Running", "containerStatuses": [{ "ready": false, "restartCount": 3,
                "state": { "waiting": { "reason": "CrashLoopBackOff" } } }] } });
        let list = json!({ "items": [pod], "metadata": { "resourceVersion": "7" } });
        let shown = table(&kinds::known("", "Pod"), &list);
        let titles: Vec<&str> = shown["columnDefinitions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert_eq!(titles, ["Name", "Ready", "Status", "Restarts", "Age"]);
        assert_eq!(shown["rows"][0]["cells"], json!(["a", "0/1", "CrashLoopBackOff", 3, "0s"]));
        assert_eq!(shown["metadata"]["resourceVersion"], "7");
        assert_eq!(table(&kinds::known("", "Pod"), &pod)["rows"].as_array().unwrap().len(), 1);
    }
}
