//! Endpoints of Services: the pods that they select, and which of them are ready.

use std::rc::Rc;

use serde_json::{Value, json};

use super::replica_set::is_ready;
use super::{change, make, owner_of};
use crate::cluster::json::{self, is_leaving, list, name, namespace, text};
use crate::cluster::kinds;
use crate::cluster::selector::Labels;
use crate::cluster::store::{Key, Store};

pub(super) fn pass(store: &mut Store) {
    for service in store.list("services", None) {
        let selector = Labels::equal(&service["spec"]["selector"]);
        if !selector.is_empty() && !is_leaving(&service) {
            one(store, &service, &selector);
        }
    }
}

/// The number that a port of a Service means in a pod.
pub(in crate::cluster) fn target_port(service_port: &Value, pod: &Value) -> Option<u16> {
    let target = &service_port["targetPort"];
    let number = target.as_i64().or_else(|| {
        let wanted = target.as_str()?;
        let ports = list(pod, "/spec/containers").iter().flat_map(|container| list(container, "/ports"));
        ports.filter(|port| text(port, "/name") == wanted).find_map(|port| port["containerPort"].as_i64())
    });
    u16::try_from(number?).ok()
}

fn one(store: &mut Store, service: &Value, selector: &Labels) {
    let mut pods = store.selected("pods", namespace(service), selector);
    pods.retain(|pod| !text(pod, "/status/podIP").is_empty());
    let slice = slice(service, &pods);
    let resource = kinds::known("discovery.k8s.io", "EndpointSlice");
    let named = format!("{}-sandbox", name(service));
    match store.get(&Key::new(&resource.qualified(), namespace(service), &named)).cloned() {
        None => {
            let mut object = slice;
            object["metadata"] = json!({
                "name": named, "ownerReferences": [owner_of(service)],
                "labels": {
                    "kubernetes.io/service-name": name(service),
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                },
            });
            make(store, &resource, namespace(service), object);
        }
        Some(live) if live["endpoints"] == slice["endpoints"] && live["ports"] == slice["ports"] => {}
        Some(live) => change(store, &resource, &live, &slice),
    }
    endpoints(store, service, &pods);
}

fn slice(service: &Value, pods: &[Rc<Value>]) -> Value {
    let endpoint = |pod: &Rc<Value>| {
        json!({
            "addresses": [text(pod, "/status/podIP")],
            "conditions": {
                "ready": is_ready(pod), "serving": kinds::condition(pod, "Ready"), "terminating": is_leaving(pod),
            },
            "nodeName": text(pod, "/spec/nodeName"),
            "targetRef": reference(pod),
        })
    };
    let first = pods.first();
    let ports: Vec<Value> = list(service, "/spec/ports")
        .iter()
        .filter_map(|port| {
            let number = target_port(port, first?)?;
            Some(json!({ "name": text(port, "/name"), "port": number, "protocol": port["protocol"] }))
        })
        .collect();
    let all: Vec<Value> = pods.iter().map(endpoint).collect();
    json!({ "addressType": "IPv4", "endpoints": all, "ports": ports })
}

fn reference(pod: &Value) -> Value {
    json!({ "kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": json::uid(pod) })
}

/// The same in the old form, which many still read.
fn endpoints(store: &mut Store, service: &Value, pods: &[Rc<Value>]) {
    let address = |pod: &Rc<Value>| json!({ "ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": reference(pod) });
    let (ready, not): (Vec<&Rc<Value>>, Vec<&Rc<Value>>) =
        pods.iter().filter(|pod| !is_leaving(pod)).partition(|pod| is_ready(pod));
    let mut subset = json!({ "ports": slice(service, pods)["ports"] });
    for (key, pods) in [("addresses", ready), ("notReadyAddresses", not)] {
        if !pods.is_empty() {
            subset[key] = pods.into_iter().map(address).collect::<Vec<_>>().into();
        }
    }
    let some = subset.get("addresses").is_some() || subset.get("notReadyAddresses").is_some();
    let subsets = if some { json!([subset]) } else { json!([]) };
    let resource = kinds::known("", "Endpoints");
    match store.get(&Key::new("endpoints", namespace(service), name(service))).cloned() {
        None => {
            let object = json!({
                "metadata": { "name": name(service), "ownerReferences": [owner_of(service)] }, "subsets": subsets,
            });
            make(store, &resource, namespace(service), object);
        }
        Some(live) if live.get("subsets") == Some(&subsets) => {}
        Some(live) => change(store, &resource, &live, &json!({ "subsets": subsets })),
    }
}
