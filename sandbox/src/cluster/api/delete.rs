//! Deleting.

use serde_json::{Value, json};

use super::write::Ask;
use crate::cluster::json::{self, is_leaving, list, member, number, text};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::{Key, Store};

/// How something is deleted.
#[derive(Clone, Debug, Default)]
pub(in crate::cluster) struct DeleteOptions {
    /// Seconds that a pod gets to end.
    pub(in crate::cluster) grace: Option<i64>,
    /// `Background`, `Foreground`, `Orphan`.
    pub(in crate::cluster) propagation: String,
    /// What it must be.
    pub(in crate::cluster) uid: String,
    pub(in crate::cluster) version: String,
}

impl DeleteOptions {
    /// Reads the body of a request.
    pub(in crate::cluster) fn read(body: &Value) -> Self {
        Self {
            grace: body["gracePeriodSeconds"].as_i64(),
            propagation: text(body, "/propagationPolicy").to_owned(),
            uid: text(body, "/preconditions/uid").to_owned(),
            version: text(body, "/preconditions/resourceVersion").to_owned(),
        }
    }
}

/// Deletes an object, or marks it as leaving where something is to be done first. Gives what is to be answered.
///
/// # Errors
/// 404, and 409 where it is not what it must be.
pub(in crate::cluster) fn delete(
    store: &mut Store,
    ask: Ask<'_>,
    name: &str,
    options: &DeleteOptions,
) -> Result<Value, Refusal> {
    let resource = ask.resource;
    let key = resource.key(ask.namespace, name);
    let live = store.get(&key).cloned().ok_or_else(|| Refusal::not_found(resource, name))?;
    for (wanted, found, what) in [
        (&options.uid, json::uid(&live), "UID"),
        (&options.version, text(&live, "/metadata/resourceVersion"), "ResourceVersion"),
    ] {
        if !wanted.is_empty() && wanted != found {
            let why = format!(
                "Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}"
            );
            return Err(Refusal::changed(resource, name, &why));
        }
    }
    let mut object = Value::clone(&live);
    propagate(&mut object, &options.propagation);
    let grace = grace(resource, &live, options);
    let held = !list(&object, "/metadata/finalizers").is_empty() || resource.is("", "Namespace");
    let gone = Ok(success(resource, &live));
    if ask.dry_run {
        return gone;
    }
    let io = |error: std::io::Error| Refusal::internal(&error);
    if !held && grace == 0 {
        store.remove(&key).map_err(io)?;
        return gone;
    }
    mark(resource, &mut object, grace);
    if object == *live {
        return Ok(object);
    }
    Ok(Value::clone(&*store.put(&key, object).map_err(io)?))
}

fn propagate(object: &mut Value, policy: &str) {
    let finalizer = match policy {
        "Foreground" => "foregroundDeletion",
        "Orphan" => "orphan",
        _ => return,
    };
    let finalizers = member(member(object, "metadata"), "finalizers");
    match finalizers.as_array_mut() {
        Some(all) if all.iter().any(|one| one == finalizer) => {}
        Some(all) => all.push(finalizer.into()),
        None => *finalizers = json!([finalizer]),
    }
}

/// Seconds until a pod has to be gone. One that no node has, or that has ended, can go at once.
fn grace(resource: &Resource, live: &Value, options: &DeleteOptions) -> i64 {
    let ended = ["Succeeded", "Failed"].contains(&text(live, "/status/phase"));
    if !resource.is("", "Pod") || text(live, "/spec/nodeName").is_empty() || ended {
        return 0;
    }
    options.grace.unwrap_or_else(|| number(live, "/spec/terminationGracePeriodSeconds", 30)).max(0)
}

fn mark(resource: &Resource, object: &mut Value, grace: i64) {
    if resource.is("", "Namespace") {
        *member(member(object, "status"), "phase") = "Terminating".into();
    }
    let sooner = grace < number(object, "/metadata/deletionGracePeriodSeconds", i64::MAX);
    if is_leaving(object) && !sooner {
        return;
    }
    let at = json::wall().plus_seconds(grace).format("%Y-%m-%dT%H:%M:%SZ");
    let counted = number(object, "/metadata/generation", 0);
    let metadata = member(object, "metadata");
    *member(metadata, "deletionTimestamp") = at.into();
    *member(metadata, "deletionGracePeriodSeconds") = grace.into();
    if counted > 0 && resource.has_generation {
        *member(metadata, "generation") = (counted + 1).into();
    }
}

fn success(resource: &Resource, live: &Value) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {
            "name": json::name(live), "group": resource.group, "kind": resource.plural, "uid": json::uid(live),
        },
    })
}

impl Store {
    /// Takes an object out, whatever holds it. For controllers that have done what was to be done.
    pub(in crate::cluster) fn drop_now(&mut self, key: &Key) {
        if let Err(error) = self.remove(key) {
            tracing::error!(%error, ?key, "an object of a cluster cannot be removed");
        }
    }
}
