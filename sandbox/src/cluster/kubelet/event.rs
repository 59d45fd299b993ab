//! Events of pods.

use serde_json::{Value, json};

use crate::cluster::controllers::{change, make};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{self, name, namespace, number, uid};
use crate::cluster::kinds;
use crate::cluster::store::Key;

/// Notes an event of an object; the same again is counted.
pub(in crate::cluster) fn event(
    cluster: &Cluster,
    object: &Value,
    kind: &str,
    (reason, message): (&str, &str),
) {
    let resource = kinds::known("", "Event");
    let digest = crate::blobs::hex_digest(format!("{}{reason}{message}", uid(object)).as_bytes());
    let named = format!("{}.{}", name(object), digest.get(..16).unwrap_or(&digest));
    let now = json::now();
    let store = &mut cluster.store.borrow_mut();
    if let Some(live) = store.get(&Key::new("events", namespace(object), &named)).cloned() {
        let body = json!({ "count": number(&live, "/count", 1) + 1, "lastTimestamp": now });
        change(store, &resource, &live, &body);
        return;
    }
    let event = json!({
        "metadata": { "name": named }, "type": kind, "reason": reason, "message": message, "count": 1,
        "firstTimestamp": now, "lastTimestamp": now, "source": { "component": "sandbox" },
        "reportingComponent": "sandbox", "reportingInstance": "",
        "involvedObject": {
            "kind": object["kind"], "apiVersion": object["apiVersion"], "namespace": namespace(object),
            "name": name(object), "uid": uid(object),
        },
    });
    make(store, &resource, namespace(object), event);
}
