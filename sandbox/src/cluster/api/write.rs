//! Making and changing objects.

use std::rc::Rc;

use serde_json::Value;

use super::prepare::{head, known_namespace, prepare, settle};
use crate::cluster::fields::{self, Applied, Cursor, Manager};
use crate::cluster::json::{self, is_leaving, list, member, name, remove, text};
use crate::cluster::kinds::Resource;
use crate::cluster::patch::{json_patch, merge_patch, strategic_merge};
use crate::cluster::refusal::Refusal;
use crate::cluster::store::{Key, Store};

/// Of what kind, where and by whom something is to be written.
#[derive(Clone, Copy, Debug)]
pub(in crate::cluster) struct Ask<'a> {
    pub(in crate::cluster) resource: &'a Resource,
    pub(in crate::cluster) namespace: &'a str,
    /// `status`, `scale` or nothing.
    pub(in crate::cluster) subresource: &'a str,
    /// The field manager.
    pub(in crate::cluster) manager: &'a str,
    /// Nothing is written.
    pub(in crate::cluster) dry_run: bool,
}

impl Ask<'_> {
    fn manager(&self, applies: bool) -> Manager {
        Manager {
            name: self.manager.to_owned(),
            applies,
            api_version: self.resource.api_version(),
            subresource: self.subresource.to_owned(),
        }
    }

    fn live(&self, store: &Store, name: &str) -> Result<(Key, Rc<Value>), Refusal> {
        let key = self.resource.key(self.namespace, name);
        let live = store.get(&key).cloned();
        live.map(|live| (key, live)).ok_or_else(|| Refusal::not_found(self.resource, name))
    }
}

/// A change by a patch.
#[derive(Clone, Copy, Debug)]
pub(in crate::cluster) struct Patch<'a> {
    pub(in crate::cluster) kind: PatchKind,
    pub(in crate::cluster) body: &'a Value,
    /// Takes fields that others own, for an apply.
    pub(in crate::cluster) force: bool,
}

/// How a patch is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum PatchKind {
    Apply,
    Json,
    Merge,
    Strategic,
}

/// Makes an object.
///
/// # Errors
/// 409 when there is one, 404 for a namespace that is not there, 422 for one that cannot be.
pub(in crate::cluster) fn create(
    store: &mut Store,
    ask: Ask<'_>,
    mut object: Value,
) -> Result<Rc<Value>, Refusal> {
    json::without_nulls(&mut object);
    let metadata = member(&mut object, "metadata");
    if !text(metadata, "/resourceVersion").is_empty() {
        return Err(Refusal::bad("resourceVersion should not be set on objects to be created"));
    }
    if text(metadata, "/name").is_empty() && !text(metadata, "/generateName").is_empty() {
        let name = format!(
            "{}{}",
            text(metadata, "/generateName"),
            store.dice.text(5, "bcdfghjklmnpqrstvwxz2456789")
        );
        metadata["name"] = name.into();
    }
    head(&ask, &mut object, None)?;
    known_namespace(store, &ask)?;
    let key = ask.resource.key(ask.namespace, name(&object));
    if store.get(&key).is_some() {
        return Err(Refusal::exists(ask.resource, name(&object)));
    }
    prepare(store, &ask, None, &mut object)?;
    fields::update(ask.resource, None, &mut object, (&ask.manager(false), &json::now()));
    commit(store, &ask, key, None, object)
}

/// Replaces an object.
///
/// # Errors
/// 404, 409 when it was changed since it was seen, 422.
pub(in crate::cluster) fn replace(
    store: &mut Store,
    ask: Ask<'_>,
    name: &str,
    mut object: Value,
) -> Result<Rc<Value>, Refusal> {
    let (key, live) = ask.live(store, name)?;
    json::without_nulls(&mut object);
    write(store, ask, (key, &live), object)
}

/// Patches an object; an apply makes one that is not there.
///
/// # Errors
/// As the others; 409 for an apply that others' fields stand against.
pub(in crate::cluster) fn patch(
    store: &mut Store,
    ask: Ask<'_>,
    name: &str,
    patch: Patch<'_>,
) -> Result<(Rc<Value>, bool), Refusal> {
    if patch.kind == PatchKind::Apply {
        return applied(store, ask, name, patch);
    }
    let (key, live) = ask.live(store, name)?;
    let mut object = Value::clone(&live);
    match patch.kind {
        PatchKind::Json => json_patch(&mut object, patch.body)?,
        PatchKind::Strategic if ask.resource.custom => {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(Refusal::new(415, "UnsupportedMediaType", message));
        }
        PatchKind::Strategic => strategic_merge(&mut object, patch.body, &Cursor::root(ask.resource)),
        PatchKind::Merge | PatchKind::Apply => merge_patch(&mut object, patch.body),
    }
    Ok((write(store, ask, (key, &live), object)?, false))
}

fn write(
    store: &mut Store,
    ask: Ask<'_>,
    (key, live): (Key, &Value),
    mut object: Value,
) -> Result<Rc<Value>, Refusal> {
    head(&ask, &mut object, Some(live))?;
    prepare(store, &ask, Some(live), &mut object)?;
    fields::update(ask.resource, Some(live), &mut object, (&ask.manager(false), &json::now()));
    commit(store, &ask, key, Some(live), object)
}

fn applied(
    store: &mut Store,
    ask: Ask<'_>,
    name: &str,
    patch: Patch<'_>,
) -> Result<(Rc<Value>, bool), Refusal> {
    let key = ask.resource.key(ask.namespace, name);
    let live = store.get(&key).cloned();
    if live.is_none() && !ask.subresource.is_empty() {
        return Err(Refusal::not_found(ask.resource, name));
    }
    let mut body = patch.body.clone();
    if text(&body, "/metadata/name").is_empty() {
        *member(member(&mut body, "metadata"), "name") = name.into();
    }
    if !list(&body, "/metadata/managedFields").is_empty() {
        return Err(Refusal::bad("metadata.managedFields must be nil"));
    }
    head(&ask, &mut body, live.as_deref())?;
    if text(&body, "/metadata/name") != name {
        return Err(Refusal::bad("the name of the object does not match the name on the URL"));
    }
    if live.is_none() {
        known_namespace(store, &ask)?;
    }
    if ask.resource.has_status && ask.subresource.is_empty() {
        remove(&mut body, "status");
    } else if ask.subresource == "status"
        && let Some(members) = body.as_object_mut()
    {
        members.retain(|key, _| ["apiVersion", "kind", "metadata", "status"].contains(&key.as_str()));
    }
    let manager = ask.manager(true);
    let applied = Applied { body: &body, manager: &manager, force: patch.force, now: &json::now() };
    let object = fields::apply(ask.resource, live.as_deref(), applied, |object| {
        prepare(store, &ask, live.as_deref(), object)
    })?;
    let created = live.is_none();
    Ok((commit(store, &ask, key, live.as_deref(), object)?, created))
}

/// Writes what is different; nothing where nothing is. What was only waited for on its way out goes.
fn commit(
    store: &mut Store,
    ask: &Ask<'_>,
    key: Key,
    live: Option<&Value>,
    mut object: Value,
) -> Result<Rc<Value>, Refusal> {
    settle(store, ask.resource, live, &mut object)?;
    if ask.dry_run || live == Some(&object) {
        return Ok(Rc::new(object));
    }
    let freed = is_leaving(&object)
        && list(&object, "/metadata/finalizers").is_empty()
        && live.is_some_and(|live| !list(live, "/metadata/finalizers").is_empty())
        && !ask.resource.is("", "Pod")
        && !ask.resource.is("", "Namespace");
    let io = |error: std::io::Error| Refusal::internal(&error);
    let written = store.put(&key, object).map_err(io)?;
    if freed {
        store.remove(&key).map_err(io)?;
    }
    Ok(written)
}
