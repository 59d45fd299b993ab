//! HorizontalPodAutoscalers: the bounds are kept. There are no metrics, as in a cluster without a metrics server.

use serde_json::{Value, json};

use super::{change, condition, put_status};
use crate::cluster::json::{is_leaving, namespace, number, text};
use crate::cluster::kinds;
use crate::cluster::store::{Key, Store};

pub(super) fn pass(store: &mut Store) {
    for scaler in store.list("horizontalpodautoscalers.autoscaling", None) {
        if !is_leaving(&scaler) {
            one(store, &scaler);
        }
    }
}

fn one(store: &mut Store, scaler: &Value) {
    let target = &scaler["spec"]["scaleTargetRef"];
    let deployments = kinds::known("apps", "Deployment");
    let key = Key::new(&deployments.qualified(), namespace(scaler), text(target, "/name"));
    let found = store.get(&key).cloned().filter(|_| target["kind"] == "Deployment");
    let resource = kinds::known("autoscaling", "HorizontalPodAutoscaler");
    let Some(deployment) = found else {
        let told = ("FailedGetScale", "the target is not there, or no Deployment");
        let status =
            json!({ "conditions": [condition(scaler, "AbleToScale", "False", told)], "desiredReplicas": 0 });
        put_status(store, &resource, scaler, status);
        return;
    };
    let (least, most) = (number(scaler, "/spec/minReplicas", 1), number(scaler, "/spec/maxReplicas", 1));
    let now = number(&deployment, "/spec/replicas", 1);
    // No pods at all is how a person switches scaling off.
    let wanted = if now == 0 { 0 } else { now.clamp(least, most.max(least)) };
    if wanted != now {
        change(store, &deployments, &deployment, &json!({ "spec": { "replicas": wanted } }));
    }
    let metrics = ("FailedGetResourceMetric", "the sandbox has no metrics of pods");
    let status = json!({
        "currentReplicas": number(&deployment, "/status/replicas", 0), "desiredReplicas": wanted,
        "conditions": [
            condition(scaler, "AbleToScale", "True", ("SucceededGetScale", "")),
            condition(scaler, "ScalingActive", "False", metrics),
        ],
    });
    put_status(store, &resource, scaler, status);
}
