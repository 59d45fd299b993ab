//! Namespaces: what every one has, and how one goes.

use serde_json::{Value, json};

use super::{ask, make};
use crate::cluster::api::{self, DeleteOptions};
use crate::cluster::json::{self, is_leaving, list, name};
use crate::cluster::kinds;
use crate::cluster::store::{Key, Store};

pub(super) fn pass(store: &mut Store) {
    for space in store.list("namespaces", None) {
        if is_leaving(&space) {
            empty(store, &space);
        } else {
            furnish(store, name(&space));
        }
    }
}

/// The account that pods have unless they name one.
fn furnish(store: &mut Store, space: &str) {
    if store.get(&Key::new("serviceaccounts", space, "default")).is_none() {
        let account = json!({ "metadata": { "name": "default" } });
        make(store, &kinds::known("", "ServiceAccount"), space, account);
    }
}

/// Deletes all that is in a namespace; the namespace goes when nothing is left.
fn empty(store: &mut Store, space: &Value) {
    let inside: Vec<(Key, bool)> = store
        .iter()
        .filter(|(key, _)| key.namespace == name(space))
        .map(|(key, object)| (key.clone(), is_leaving(object)))
        .collect();
    if inside.is_empty() {
        if list(space, "/metadata/finalizers").is_empty() {
            store.drop_now(&Key::new("namespaces", "", name(space)));
        }
        return;
    }
    for (key, leaves) in inside {
        let Some(object) = store.get(&key).cloned().filter(|_| !leaves) else { continue };
        let Some(resource) = kinds::of_object(store, &object) else {
            store.drop_now(&key);
            continue;
        };
        let ask = ask(&resource, &key.namespace);
        if let Err(refusal) = api::delete(store, ask, json::name(&object), &DeleteOptions::default()) {
            tracing::debug!(refusal.message, "something in a namespace stays");
        }
    }
}
