//! ReplicaSets: as many pods as are wanted.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{ask, condition, owned, owner_of, put_status};
use crate::cluster::api::{self, DeleteOptions};
use crate::cluster::json::{self, is_leaving, name, namespace, number, text};
use crate::cluster::kinds;
use crate::cluster::marks::SIMULATED;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::Store;

/// Looks at all ReplicaSets; `simulated` says why a template's pods cannot be run.
pub(super) fn pass(store: &mut Store, simulated: &dyn Fn(&Value) -> Option<String>) {
    for set in store.list("replicasets.apps", None) {
        if !is_leaving(&set) {
            one(store, &set, simulated);
        }
    }
}

/// Whether a pod counts: it neither ended nor is on its way out.
fn is_active(pod: &Value) -> bool {
    !is_leaving(pod) && !["Succeeded", "Failed"].contains(&text(pod, "/status/phase"))
}

/// Whether a pod may be sent requests.
pub(in crate::cluster) fn is_ready(pod: &Value) -> bool {
    kinds::condition(pod, "Ready") && !is_leaving(pod)
}

/// Whether a pod has been ready for as long as is asked.
fn is_available(pod: &Value, seconds: i64) -> bool {
    let ready = json::list(pod, "/status/conditions").iter().find(|one| one["type"] == "Ready");
    let since = ready.and_then(|one| one["lastTransitionTime"].as_str());
    let since = since.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    is_ready(pod)
        && (seconds == 0
            || since.is_some_and(|since| json::wall().0 - since.as_millisecond() >= seconds * 1000))
}

fn one(store: &mut Store, set: &Value, simulated: &dyn Fn(&Value) -> Option<String>) {
    let wanted = number(set, "/spec/replicas", 1);
    let mut pods: Vec<Rc<Value>> =
        owned(store, "pods", set).into_iter().filter(|pod| is_active(pod)).collect();
    let count = i64::try_from(pods.len()).unwrap_or(i64::MAX);
    let mut failure = None;
    for _ in count..wanted {
        match begin(store, set, simulated(&set["spec"]["template"]["spec"])) {
            Ok(pod) => pods.push(pod),
            Err(refusal) => {
                failure = Some(refusal);
                break;
            }
        }
    }
    if count > wanted {
        // The ones that serve nobody go first, then the youngest.
        pods.sort_by_key(|pod| {
            (is_ready(pod), std::cmp::Reverse(text(pod, "/metadata/creationTimestamp").to_owned()))
        });
        let fewer = usize::try_from(count - wanted).unwrap_or(0);
        for pod in pods.drain(..fewer) {
            end(store, &pod);
        }
    }
    put_status(store, &kinds::known("apps", "ReplicaSet"), set, status(set, &pods, failure));
}

fn begin(store: &mut Store, set: &Value, why: Option<String>) -> Result<Rc<Value>, Refusal> {
    let template = &set["spec"]["template"];
    let mut metadata = template["metadata"].clone();
    metadata["generateName"] = format!("{}-", name(set)).into();
    metadata["ownerReferences"] = json!([owner_of(set)]);
    if let Some(why) = why {
        json::member(&mut metadata, "annotations")[SIMULATED] = why.into();
    }
    let resource = kinds::known("", "Pod");
    let ask = ask(&resource, namespace(set));
    api::create(store, ask, json!({ "metadata": metadata, "spec": template["spec"] }))
}

fn end(store: &mut Store, pod: &Value) {
    let resource = kinds::known("", "Pod");
    let ask = ask(&resource, namespace(pod));
    if let Err(refusal) = api::delete(store, ask, name(pod), &DeleteOptions::default()) {
        tracing::debug!(refusal.message, "a pod stays");
    }
}

fn status(set: &Value, pods: &[Rc<Value>], failure: Option<Refusal>) -> Value {
    let seconds = number(set, "/spec/minReadySeconds", 0);
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let available = pods.iter().filter(|pod| is_available(pod, seconds)).count();
    let mut status = json!({ "replicas": pods.len(), "observedGeneration": set["metadata"]["generation"] });
    for (key, count) in
        [("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", available)]
    {
        if count > 0 {
            status[key] = count.into();
        }
    }
    if let Some(refusal) = failure {
        let told = ("FailedCreate", refusal.message.as_str());
        status["conditions"] = json!([condition(set, "ReplicaFailure", "True", told)]);
    }
    status
}
