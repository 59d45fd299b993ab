//! Garbage: objects whose owners are gone, and those of kinds that are defined no more.
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{ask, change};
use crate::cluster::api::{self, DeleteOptions};
use crate::cluster::json::{self, is_leaving, list, name, uid};
use crate::cluster::kinds;
use crate::cluster::store::{Key, Store};

/// Finalizers of deletions that wait for dependents, or leave them.
const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// How long events are kept, in milliseconds.
const EVENTS: i64 = 60 * 60 * 1000;

/// Forgets events of long ago.
fn outdated(store: &mut Store) {
    let now = json::wall().0;
    for event in store.list("events", None) {
        let last = json::text(&event, "/lastTimestamp").parse::<jiff::Timestamp>();
        if last.is_ok_and(|last| now - last.as_millisecond() > EVENTS) {
            store.drop_now(&Key::new("events", json::namespace(&event), name(&event)));
        }
    }
}

pub(super) fn pass(store: &mut Store) {
    undefined(store);
    outdated(store);
    let owned: Vec<(Key, Rc<Value>)> = store
        .iter()
        .filter(|(_, object)| !list(object, "/metadata/ownerReferences").is_empty())
        .map(|(key, object)| (key.clone(), Rc::clone(object)))
        .collect();
    let leaving: Vec<(Key, Rc<Value>)> = store
        .iter()
        .filter(|(_, object)| is_leaving(object) && !list(object, "/metadata/finalizers").is_empty())
        .map(|(key, object)| (key.clone(), Rc::clone(object)))
        .collect();
    for (_, owner) in &leaving {
        settle(store, owner, &owned);
    }
    if owned.is_empty() {
        return;
    }
    let known: BTreeSet<String> = store.iter().map(|(_, object)| uid(object).to_owned()).collect();
    let going: BTreeSet<&str> =
        leaving.iter().filter(|(_, owner)| has(owner, FOREGROUND)).map(|(_, owner)| uid(owner)).collect();
    for (key, object) in &owned {
        let owners = list(object, "/metadata/ownerReferences").iter().map(|owner| json::text(owner, "/uid"));
        let held = owners.clone().any(|owner| known.contains(owner) && !going.contains(owner));
        if !held && !is_leaving(object) && store.has_uid(key, uid(object)) {
            delete(store, key, object);
        }
    }
}

fn has(object: &Value, finalizer: &str) -> bool {
    list(object, "/metadata/finalizers").iter().any(|one| one == finalizer)
}

/// Lets an owner go that waited for its dependents, or that leaves them.
fn settle(store: &mut Store, owner: &Value, owned: &[(Key, Rc<Value>)]) {
    let mine = |object: &Value| {
        list(object, "/metadata/ownerReferences").iter().any(|one| json::text(one, "/uid") == uid(owner))
    };
    let mut done = Vec::new();
    if has(owner, ORPHAN) {
        for (_, object) in owned.iter().filter(|(_, object)| mine(object)) {
            let left: Vec<&Value> = list(object, "/metadata/ownerReferences")
                .iter()
                .filter(|one| json::text(one, "/uid") != uid(owner))
                .collect();
            if let Some(resource) = kinds::of_object(store, object) {
                change(store, &resource, object, &json!({ "metadata": { "ownerReferences": left } }));
            }
        }
        done.push(ORPHAN);
    }
    let waits = owned.iter().any(|(key, object)| mine(object) && store.has_uid(key, uid(object)));
    if has(owner, FOREGROUND) && !waits {
        done.push(FOREGROUND);
    }
    if done.is_empty() {
        return;
    }
    let left: Vec<&Value> = list(owner, "/metadata/finalizers")
        .iter()
        .filter(|one| !done.iter().any(|done| *one == done))
        .collect();
    if let Some(resource) = kinds::of_object(store, owner) {
        change(store, &resource, owner, &json!({ "metadata": { "finalizers": left } }));
    }
}

fn delete(store: &mut Store, key: &Key, object: &Value) {
    let Some(resource) = kinds::of_object(store, object) else { return };
    let ask = ask(&resource, &key.namespace);
    let options = DeleteOptions { propagation: "Background".to_owned(), ..DeleteOptions::default() };
    if let Err(refusal) = api::delete(store, ask, name(object), &options) {
        tracing::debug!(refusal.message, "an object without an owner stays");
    }
}

/// What was of a kind that is no longer defined goes with its definition.
fn undefined(store: &mut Store) {
    let custom: BTreeSet<String> = store.iter().map(|(key, _)| key.resource.clone()).collect();
    for resource in custom {
        let defined = store.get(&Key::new(kinds::DEFINITIONS, "", &resource)).is_some();
        if defined || kinds::is_built_in(&resource) {
            continue;
        }
        for object in store.list(&resource, None) {
            store.drop_now(&Key::new(&resource, json::namespace(&object), name(&object)));
        }
    }
}
