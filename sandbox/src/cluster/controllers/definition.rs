//! Definitions of kinds: established as soon as they are there.

use serde_json::{Value, json};

use super::put_status;
use crate::cluster::json::{self, is_leaving, list};
use crate::cluster::kinds::{self, DEFINITIONS};
use crate::cluster::store::Store;

pub(super) fn pass(store: &mut Store) {
    let resource = kinds::known("apiextensions.k8s.io", "CustomResourceDefinition");
    for definition in store.list(DEFINITIONS, None) {
        if !is_leaving(&definition) {
            put_status(store, &resource, &definition, status(&definition));
        }
    }
}

fn status(definition: &Value) -> Value {
    let before = |kind: &str| {
        let found = list(definition, "/status/conditions").iter().find(|one| one["type"] == kind);
        found.and_then(|one| one["lastTransitionTime"].as_str()).map_or_else(json::now, str::to_owned)
    };
    let condition = |kind: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": "True", "lastTransitionTime": before(kind), "reason": reason, "message": message,
        })
    };
    let versions = list(definition, "/spec/versions").iter();
    let stored: Vec<&Value> =
        versions.filter(|version| version["storage"] == true).map(|version| &version["name"]).collect();
    let mut all = list(definition, "/status/storedVersions").to_vec();
    for version in stored {
        if !all.contains(version) {
            all.push(version.clone());
        }
    }
    json!({
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "acceptedNames": definition["spec"]["names"],
        "storedVersions": all,
    })
}
