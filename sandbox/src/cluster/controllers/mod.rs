//! What works in a cluster without being asked: all of it level-triggered, looked at again after every change.

mod collect;
mod definition;
mod deployment;
mod endpoints;
mod load_balancer;
mod namespace;
mod node;
mod replica_set;
mod rollout;
mod scaler;
mod seed;
mod simulated;

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

pub(super) use endpoints::target_port;
pub(super) use load_balancer::Balancers;
pub(super) use node::architecture;
pub(super) use replica_set::is_ready;

use super::api::{self, Ask, Patch, PatchKind};
use super::instance::Cluster;
use super::json::{self, list, name, namespace as space, text, uid};
use super::kinds::Resource;
use super::kubelet;
use super::store::Store;

/// The name under which controllers write.
pub(super) const MANAGER: &str = "kube-controller-manager";

/// A write of a controller, to an object itself.
fn ask<'a>(resource: &'a Resource, namespace: &'a str) -> Ask<'a> {
    Ask { resource, namespace, subresource: "", manager: MANAGER, dry_run: false }
}

/// How often everything is looked at when nothing changes: nodes come and go in AWS, and time passes.
const TICK: Duration = Duration::from_secs(1);

/// Works for as long as the cluster is there.
pub(super) async fn run(cluster: Rc<Cluster>) {
    let mut told = cluster.store.borrow().subscribe();
    seed::begin(&cluster);
    loop {
        told.mark_unchanged();
        pass(&cluster);
        // Whether it changed or not, it is looked at again.
        let _tick = tokio::time::timeout(TICK, told.changed()).await;
    }
}

/// Looks at everything once. What it changes makes it look again.
fn pass(cluster: &Rc<Cluster>) {
    {
        let store = &mut cluster.store.borrow_mut();
        let simulated = |spec: &Value| kubelet::simulated(cluster, spec);
        node::pass(cluster, store);
        definition::pass(store);
        namespace::pass(store);
        scaler::pass(store);
        deployment::pass(store, &simulated);
        replica_set::pass(store, &simulated);
        simulated::pass(store);
        node::schedule(store);
        endpoints::pass(store);
        collect::pass(store);
    }
    load_balancer::pass(cluster);
    cluster.kubelet.pass(cluster);
}

/// What an object controls of a resource.
fn owned(store: &Store, resource: &str, owner: &Value) -> Vec<Rc<Value>> {
    let mut all = store.list(resource, Some(space(owner)));
    all.retain(|object| {
        let owners = list(object, "/metadata/ownerReferences").iter();
        owners.clone().any(|one| one["controller"] == true && text(one, "/uid") == uid(owner))
    });
    all
}

/// The reference of what an object controls to it.
fn owner_of(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name(owner), "uid": uid(owner),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// A condition of an object, with the time since which it is so.
pub(super) fn condition(object: &Value, kind: &str, status: &str, (reason, message): (&str, &str)) -> Value {
    let before = list(object, "/status/conditions").iter().find(|one| one["type"] == kind);
    let since =
        before.filter(|one| one["status"] == status).and_then(|one| one["lastTransitionTime"].as_str());
    let since = since.map_or_else(json::now, str::to_owned);
    let mut condition = json!({ "type": kind, "status": status, "lastTransitionTime": since });
    for (key, value) in [("reason", reason), ("message", message)] {
        if !value.is_empty() {
            condition[key] = value.into();
        }
    }
    condition
}

/// Writes the status of an object, if it is another.
pub(super) fn put_status(store: &mut Store, resource: &Resource, object: &Value, mut status: Value) {
    json::without_nulls(&mut status);
    if object.get("status") == Some(&status) {
        return;
    }
    let mut changed = object.clone();
    changed["status"] = status;
    // The object may have been changed since it was read; its status is ours.
    json::remove(json::member(&mut changed, "metadata"), "resourceVersion");
    let ask =
        Ask { resource, namespace: space(object), subresource: "status", manager: MANAGER, dry_run: false };
    told(api::replace(store, ask, name(object), changed).map(drop));
}

/// Changes an object by a merge patch.
pub(super) fn change(store: &mut Store, resource: &Resource, object: &Value, body: &Value) {
    let ask = ask(resource, space(object));
    let patch = Patch { kind: PatchKind::Merge, body, force: false };
    told(api::patch(store, ask, name(object), patch).map(drop));
}

/// Makes an object.
pub(super) fn make(store: &mut Store, resource: &Resource, place: &str, object: Value) -> Option<Rc<Value>> {
    let ask = ask(resource, place);
    match api::create(store, ask, object) {
        Ok(made) => Some(made),
        Err(refusal) => {
            tracing::debug!(refusal.message, "a controller was refused");
            None
        }
    }
}

/// A controller that is refused tries again with the next change.
fn told(result: Result<(), super::refusal::Refusal>) {
    if let Err(refusal) = result {
        tracing::debug!(refusal.message, "a controller was refused");
    }
}
