//! Workloads that the sandbox does not run: they are marked, and never ready.

use serde_json::{Value, json};

use super::deployment::annotate;
use super::put_status;
use crate::cluster::json::{is_leaving, list};
use crate::cluster::kinds;
use crate::cluster::marks::SIMULATED;
use crate::cluster::store::Store;

/// Marks DaemonSets, StatefulSets and Jobs, and gives them the status of one that has no pod yet.
pub(super) fn pass(store: &mut Store) {
    for (group, kind) in [("apps", "DaemonSet"), ("apps", "StatefulSet"), ("batch", "Job")] {
        let resource = kinds::known(group, kind);
        for workload in store.list(&resource.qualified(), None) {
            if is_leaving(&workload) {
                continue;
            }
            let why = format!("the sandbox runs the pods of Deployments, and no {kind}");
            annotate(store, &resource, &workload, &[(SIMULATED, Some(why))]);
            let nodes = store.list("nodes", None).len();
            let key = Store::key_of(&resource, &workload);
            let Some(workload) = store.get(&key).cloned() else { continue };
            put_status(store, &resource, &workload, status(&workload, kind, nodes));
        }
    }
}

fn status(workload: &Value, kind: &str, nodes: usize) -> Value {
    let generation = &workload["metadata"]["generation"];
    match kind {
        "DaemonSet" => json!({
            "observedGeneration": generation, "currentNumberScheduled": 0, "desiredNumberScheduled": nodes,
            "numberMisscheduled": 0, "numberReady": 0, "numberUnavailable": nodes,
        }),
        "StatefulSet" => json!({ "observedGeneration": generation, "replicas": 0, "availableReplicas": 0 }),
        _ => json!({ "active": 0, "conditions": list(workload, "/status/conditions") }),
    }
}
