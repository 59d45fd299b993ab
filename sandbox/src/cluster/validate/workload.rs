//! Pods, and what makes pods.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names::is_label;
use crate::cluster::json::{list, text};
use crate::cluster::refusal::Cause;
use crate::cluster::selector::Labels;

const IMMUTABLE: &str = "field is immutable";

pub(super) fn check(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    let selector = object.pointer("/spec/selector").unwrap_or(&Value::Null);
    if Labels::of(selector).is_empty() {
        causes.push(Cause::required("spec.selector", ""));
    } else {
        let labels = object.pointer("/spec/template/metadata/labels").unwrap_or(&Value::Null);
        if !Labels::of(selector).holds(labels) {
            let why = "`selector` does not match template `labels`";
            causes.push(Cause::invalid("spec.template.metadata.labels", labels, why));
        }
    }
    if let Some(before) = live.and_then(|live| live.pointer("/spec/selector"))
        && before != selector
    {
        causes.push(Cause::invalid("spec.selector", selector, IMMUTABLE));
    }
    if object.pointer("/spec/replicas").and_then(Value::as_i64).is_some_and(|replicas| replicas < 0) {
        let why = "must be greater than or equal to 0";
        causes.push(Cause::invalid("spec.replicas", &object["spec"]["replicas"], why));
    }
    if object["kind"] == "StatefulSet" {
        stateful_set(live, object, causes);
    }
    specification(&object["spec"]["template"]["spec"], "spec.template.spec", causes);
    if object.pointer("/spec/template/spec/restartPolicy").is_some_and(|policy| policy != "Always") {
        let policy = &object["spec"]["template"]["spec"]["restartPolicy"];
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", policy, &["Always"]));
    }
}

/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go>
fn stateful_set(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    const MAY_CHANGE: [&str; 8] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
        "selector",
    ];
    let Some(before) = live.and_then(|live| live["spec"].as_object()) else { return };
    let after = object["spec"].as_object().cloned().unwrap_or_default();
    let differs = before
        .iter()
        .any(|(key, value)| !MAY_CHANGE.contains(&key.as_str()) && after.get(key) != Some(value))
        || after.keys().any(|key| !MAY_CHANGE.contains(&key.as_str()) && !before.contains_key(key));
    if differs {
        let why = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        causes.push(Cause::forbidden("spec", why));
    }
}

pub(super) fn job(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    specification(&object["spec"]["template"]["spec"], "spec.template.spec", causes);
    let policy = &object["spec"]["template"]["spec"]["restartPolicy"];
    if policy == "Always" {
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", policy, &["OnFailure", "Never"]));
    }
    if let Some(before) = live
        && before["spec"]["template"] != object["spec"]["template"]
    {
        causes.push(Cause::invalid("spec.template", &json!("…"), IMMUTABLE));
    }
}

pub(super) fn pod(live: Option<&Value>, object: &Value, causes: &mut Vec<Cause>) {
    specification(&object["spec"], "spec", causes);
    let Some(live) = live else { return };
    let bare = |pod: &Value| {
        let mut spec = pod["spec"].clone();
        for list in ["containers", "initContainers"] {
            for one in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                one["image"] = Value::Null;
            }
        }
        for free in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"] {
            crate::cluster::json::remove(&mut spec, free);
        }
        spec
    };
    if bare(live) != bare(object) {
        let why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        causes.push(Cause::forbidden("spec", why));
    }
}

fn specification(spec: &Value, at: &str, causes: &mut Vec<Cause>) {
    if list(spec, "/containers").is_empty() {
        causes.push(Cause::required(format!("{at}.containers"), ""));
    }
    let mut names = BTreeSet::new();
    for kind in ["initContainers", "containers"] {
        for (index, container) in list(spec, &format!("/{kind}")).iter().enumerate() {
            let here = format!("{at}.{kind}[{index}]");
            let name = text(container, "/name");
            if name.is_empty() {
                causes.push(Cause::required(format!("{here}.name"), ""));
            } else if !is_label(name) {
                let why =
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'";
                causes.push(Cause::invalid(format!("{here}.name"), &container["name"], why));
            } else if !names.insert(name) {
                causes.push(Cause::duplicate(format!("{here}.name"), &container["name"]));
            }
            if text(container, "/image").is_empty() {
                causes.push(Cause::required(format!("{here}.image"), ""));
            }
            mounts(spec, container, &here, causes);
        }
    }
}

fn mounts(spec: &Value, container: &Value, here: &str, causes: &mut Vec<Cause>) {
    let volumes = list(spec, "/volumes");
    for (index, mount) in list(container, "/volumeMounts").iter().enumerate() {
        // A claim template's volume comes with the pod.
        if !volumes.is_empty() && !volumes.iter().any(|volume| volume["name"] == mount["name"]) {
            let field = format!("{here}.volumeMounts[{index}].name");
            causes.push(Cause::invalid(field, &mount["name"], "there is no volume of that name"));
        }
    }
    for (index, port) in list(container, "/ports").iter().enumerate() {
        let sound = port["containerPort"].as_i64().is_some_and(|port| (1..=65_535).contains(&port));
        if !sound {
            let field = format!("{here}.ports[{index}].containerPort");
            causes.push(Cause::invalid(
                field,
                &port["containerPort"],
                "must be between 1 and 65535, inclusive",
            ));
        }
    }
}
