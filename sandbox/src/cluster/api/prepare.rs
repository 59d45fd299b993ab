//! What every write goes through before it is kept.

use serde_json::{Value, json};

use super::service_address;
use super::write::Ask;
use crate::cluster::defaults;
use crate::cluster::json::{self, default, is_leaving, member, name, remove, text};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::{Key, Store};
use crate::cluster::validate;

/// Members of the metadata that are the server's.
const SERVERS: [&str; 7] = [
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "resourceVersion",
];

/// Holds what an object says of itself against where it was sent, and against what it was seen as.
pub(super) fn head(ask: &Ask<'_>, object: &mut Value, live: Option<&Value>) -> Result<(), Refusal> {
    let Ask { resource, namespace, .. } = *ask;
    for (key, expected) in [("apiVersion", resource.api_version()), ("kind", resource.kind.clone())] {
        let said = text(object, &format!("/{key}"));
        if !said.is_empty() && said != expected {
            let message =
                format!("the {key} in the data ({said}) does not match the expected {key} ({expected})");
            return Err(Refusal::bad(message));
        }
        *member(object, key) = expected.into();
    }
    let metadata = member(object, "metadata");
    let said = text(metadata, "/namespace").to_owned();
    if !resource.namespaced {
        remove(metadata, "namespace");
    } else if !said.is_empty() && said != namespace {
        return Err(Refusal::bad(format!(
            "the namespace of the provided object does not match the namespace sent on the request: {said:?} is not {namespace:?}"
        )));
    } else {
        *member(metadata, "namespace") = namespace.into();
    }
    let Some(live) = live else { return Ok(()) };
    let own = name(live).to_owned();
    let said = text(metadata, "/name").to_owned();
    if !said.is_empty() && said != own {
        return Err(Refusal::bad(format!(
            "the name of the object ({said}) does not match the name on the URL ({own})"
        )));
    }
    *member(metadata, "name") = own.clone().into();
    let seen = text(metadata, "/resourceVersion");
    if !seen.is_empty() && seen != text(live, "/metadata/resourceVersion") {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Refusal::changed(resource, &own, why));
    }
    let seen = text(metadata, "/uid");
    if !seen.is_empty() && seen != json::uid(live) {
        let why = format!(
            "Precondition failed: UID in precondition: {seen}, UID in object meta: {}",
            json::uid(live)
        );
        return Err(Refusal::changed(resource, &own, &why));
    }
    Ok(())
}

/// Refuses what is to be made in a namespace that is not there or is going.
pub(super) fn known_namespace(store: &Store, ask: &Ask<'_>) -> Result<(), Refusal> {
    if !ask.resource.namespaced {
        return Ok(());
    }
    let spaces = crate::cluster::kinds::known("", "Namespace");
    match store.get(&Key::new("namespaces", "", ask.namespace)) {
        None => Err(Refusal::not_found(&spaces, ask.namespace)),
        Some(space) if is_leaving(space) => {
            let why = format!(
                "unable to create new content in namespace {} because it is being terminated",
                ask.namespace
            );
            let cause =
                json!({ "reason": "NamespaceTerminating", "message": why, "field": "metadata.namespace" });
            Err(Refusal::forbidden(ask.resource, "", &why).with_causes(vec![cause]))
        }
        Some(_) => Ok(()),
    }
}

/// Makes an object what it will be: what is the server's is put in place, defaults come, faults are refused.
pub(super) fn prepare(
    store: &mut Store,
    ask: &Ask<'_>,
    live: Option<&Value>,
    object: &mut Value,
) -> Result<(), Refusal> {
    let resource = ask.resource;
    if !resource.custom {
        json::without_nulls(object);
    }
    keep(store, live, object);
    match live {
        Some(live) if ask.subresource == "status" => only_status(live, object),
        Some(live) if resource.has_status => match live.get("status") {
            Some(status) => *member(object, "status") = status.clone(),
            None => drop(remove(object, "status")),
        },
        None if resource.has_status => begin_status(resource, object),
        _ => {}
    }
    if ask.subresource != "status" {
        service_address::carry(resource, live, object);
        defaults::fill(resource, object);
        if live.is_none() && resource.is("", "Pod") {
            admit_pod(store, resource, object)?;
        }
        validate::check(resource, live, object)?;
        count(resource, live, object);
    }
    Ok(())
}

fn keep(store: &mut Store, live: Option<&Value>, object: &mut Value) {
    let metadata = member(object, "metadata");
    for key in SERVERS {
        match live.and_then(|live| live["metadata"].get(key)) {
            Some(value) => metadata[key] = value.clone(),
            None => drop(remove(metadata, key)),
        }
    }
    if live.is_none() {
        metadata["uid"] = store.dice.uuid().into();
        metadata["creationTimestamp"] = json::now().into();
    }
}

/// A write of the status leaves everything else as it is.
fn only_status(live: &Value, object: &mut Value) {
    let status = remove(object, "status");
    let entries = object.pointer("/metadata/managedFields").cloned();
    *object = live.clone();
    match status {
        Some(status) => *member(object, "status") = status,
        None => drop(remove(object, "status")),
    }
    if let Some(entries) = entries {
        object["metadata"]["managedFields"] = entries;
    }
}

fn begin_status(resource: &Resource, object: &mut Value) {
    remove(object, "status");
    if resource.custom {
        return;
    }
    let status = match resource.kind.as_str() {
        "Pod" => json!({ "phase": "Pending", "qosClass": defaults::quality_of(&object["spec"]) }),
        "Service" => json!({ "loadBalancer": {} }),
        _ => json!({}),
    };
    *member(object, "status") = status;
}

/// What the admission of pods adds and refuses.
fn admit_pod(store: &Store, resource: &Resource, object: &mut Value) -> Result<(), Refusal> {
    let (namespace, pod) = (json::namespace(object).to_owned(), name(object).to_owned());
    let spec = member(object, "spec");
    default(spec, "serviceAccountName", "default");
    let account = text(spec, "/serviceAccountName").to_owned();
    default(spec, "serviceAccount", account.clone());
    default(spec, "enableServiceLinks", true);
    default(spec, "priority", 0);
    default(spec, "preemptionPolicy", "PreemptLowerPriority");
    let tolerations = json!([
        { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
        { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
    ]);
    default(spec, "tolerations", tolerations);
    let known = store.get(&Key::new("serviceaccounts", &namespace, &account)).is_some();
    // The account of that name is made by a controller, a moment after the namespace.
    if !known && account != "default" {
        let why = format!(
            "error looking up service account {namespace}/{account}: serviceaccount {account:?} not found"
        );
        return Err(Refusal::forbidden(resource, &pod, &why));
    }
    Ok(())
}

/// Counts changes of what is wanted.
fn count(resource: &Resource, live: Option<&Value>, object: &mut Value) {
    if !resource.has_generation {
        return;
    }
    let wanted = |object: &Value| {
        let mut object = object.clone();
        for not in ["metadata", "status"] {
            remove(&mut object, not);
        }
        object
    };
    let generation = match live {
        None => 1,
        Some(live) => {
            let before = json::number(live, "/metadata/generation", 1);
            before + i64::from(wanted(live) != wanted(object))
        }
    };
    *member(member(object, "metadata"), "generation") = generation.into();
}

/// What is given out last, so that it is nobody's: addresses and ports.
pub(super) fn settle(
    store: &Store,
    resource: &Resource,
    live: Option<&Value>,
    object: &mut Value,
) -> Result<(), Refusal> {
    if resource.is("", "Service") {
        service_address::give(store, live, object)?;
    }
    Ok(())
}
