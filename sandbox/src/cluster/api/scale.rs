//! The `scale` subresource.

use std::rc::Rc;

use serde_json::{Value, json};

use super::write::{Ask, Patch, PatchKind, patch};
use crate::cluster::json::{list, number, text};
use crate::cluster::refusal::Refusal;
use crate::cluster::store::Store;

/// The Scale of an object.
pub(in crate::cluster) fn read_scale(object: &Value) -> Value {
    let labels = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let mut selector: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    selector.extend(
        list(object, "/spec/selector/matchExpressions").iter().map(|one| text(one, "/key").to_owned()),
    );
    let metadata = &object["metadata"];
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"], "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": { "replicas": number(object, "/spec/replicas", 0) },
        "status": { "replicas": number(object, "/status/replicas", 0), "selector": selector.join(",") },
    })
}

/// Changes the number of replicas as a Scale (or a patch of one) says.
///
/// # Errors
/// As a write of the object itself.
pub(in crate::cluster) fn write_scale(
    store: &mut Store,
    ask: Ask<'_>,
    name: &str,
    body: &Value,
) -> Result<Rc<Value>, Refusal> {
    let Some(replicas) = body.pointer("/spec/replicas").and_then(Value::as_i64) else {
        return Err(Refusal::bad("the scale has no spec.replicas"));
    };
    let body = json!({ "spec": { "replicas": replicas } });
    let change = Patch { kind: PatchKind::Merge, body: &body, force: false };
    Ok(patch(store, ask, name, change)?.0)
}
