//! What an apply and any other change do to an object and to who owns what of it.
//! <https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/merge/update.go>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::{Difference, fields_of};
use super::managers::{self, Entry, Manager};
use super::merge::{merged, prune};
use super::schema::Cursor;
use super::set::Set;
use crate::cluster::json::{remove, without_nulls};
use crate::cluster::kinds::Resource;
use crate::cluster::refusal::Refusal;

/// The fields of an object without what the server keeps.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata") {
        remove(metadata, "managedFields");
    }
    object
}

/// Notes that `manager` changed an object from `live` (or made it). Entries that the new object carries itself count.
pub(in crate::cluster) fn update(
    resource: &Resource,
    live: Option<&Value>,
    object: &mut Value,
    (manager, now): (&Manager, &str),
) {
    let given = managers::read(object).filter(|_| manager.subresource.is_empty());
    let reset = given.as_ref().is_some_and(Vec::is_empty)
        && object
            .pointer("/metadata/managedFields")
            .and_then(Value::as_array)
            .is_some_and(|all| all.len() == 1);
    let entries = match given {
        Some(entries) if reset || !entries.is_empty() => entries,
        _ => live.and_then(managers::read).unwrap_or_default(),
    };
    let before = live.map(bare).unwrap_or_else(|| json!({}));
    let root = Cursor::root(resource);
    let found = Difference::between(&before, &bare(object), &root);
    let Difference { added, modified, removed } = found;
    let changed = managers::strip({
        let mut changed = added;
        changed.union(&modified);
        changed
    });
    let mut left = Vec::new();
    let mut mine = Entry { manager: manager.clone(), time: None, fields: Set::default() };
    for entry in entries {
        if entry.manager.is(manager) {
            mine = entry;
            continue;
        }
        let fields = entry.fields.without(&changed).without(&removed);
        left.push(Entry { fields, ..entry });
    }
    let mut fields = mine.fields.without(&removed);
    fields.union(&changed);
    if fields != mine.fields || mine.time.is_none() {
        mine.time = Some(now.to_owned());
    }
    left.push(Entry { fields, ..mine });
    managers::write(object, left);
}

/// What is applied, and by whom.
#[derive(Clone, Copy, Debug)]
pub(in crate::cluster) struct Applied<'a> {
    pub(in crate::cluster) body: &'a Value,
    pub(in crate::cluster) manager: &'a Manager,
    /// Takes fields from others.
    pub(in crate::cluster) force: bool,
    pub(in crate::cluster) now: &'a str,
}

/// What is there with what is applied, and who owns what now. `finish` does to the merged object what the server does
/// to every object (defaults).
///
/// # Errors
/// 409 with a cause for every field that others own and that is to be otherwise.
pub(in crate::cluster) fn apply(
    resource: &Resource,
    live: Option<&Value>,
    applied: Applied<'_>,
    finish: impl FnOnce(&mut Value) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let root = Cursor::root(resource);
    let mut body = bare(applied.body);
    without_nulls(&mut body);
    let before = live.map(bare).unwrap_or_else(|| json!({}));
    let wanted = managers::strip(fields_of(&body, &root));
    let (mut mine, mut others) = (None, Vec::new());
    for entry in live.and_then(managers::read).unwrap_or_default() {
        match entry.manager.is(applied.manager) {
            true => mine = Some(entry),
            false => others.push(entry),
        }
    }
    let mut object = merged(&before, &body, &root);
    if let Some(mine) = &mine {
        let mut owned = wanted.clone();
        others.iter().for_each(|entry| owned.union(&entry.fields));
        prune(&mut object, &mine.fields, &owned);
    }
    let found = Difference::between(&before, &object, &root);
    let mut changed = found.added;
    changed.union(&found.modified);
    let changed = managers::strip(changed);
    let contested: Vec<(Entry, Set)> = others
        .iter()
        .map(|entry| (entry.clone(), entry.fields.common(&changed)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    if !applied.force && !contested.is_empty() {
        return Err(conflict(&contested));
    }
    let mut entries: Vec<Entry> = others
        .into_iter()
        .map(|entry| Entry { fields: entry.fields.without(&changed).without(&found.removed), ..entry })
        .collect();
    finish(&mut object)?;
    let same = mine.as_ref().is_some_and(|mine| mine.fields == wanted && mine.manager == *applied.manager);
    let time = mine.filter(|_| same).and_then(|mine| mine.time);
    let time = time.or_else(|| Some(applied.now.to_owned()));
    entries.push(Entry { manager: applied.manager.clone(), time, fields: wanted });
    managers::write(&mut object, entries);
    Ok(object)
}

/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/conflict.go>
fn conflict(contested: &[(Entry, Set)]) -> Refusal {
    let mut by_manager: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut causes = Vec::new();
    for (entry, fields) in contested {
        for path in fields.paths() {
            let message = format!("conflict with {}", entry.told());
            causes.push(json!({ "reason": "FieldManagerConflict", "message": message, "field": path }));
            by_manager.entry(entry.told()).or_default().push(path);
        }
    }
    let message = match (causes.len(), by_manager.iter().next()) {
        (1, Some((manager, paths))) => {
            format!("Apply failed with 1 conflict: conflict with {manager}: {}", paths.join(""))
        }
        (count, _) => {
            let told = by_manager
                .iter()
                .map(|(manager, paths)| format!("conflicts with {manager}:\n- {}", paths.join("\n- ")));
            format!("Apply failed with {count} conflicts: {}", told.collect::<Vec<_>>().join("\n"))
        }
    };
    Refusal::new(409, "Conflict", message).with_causes(causes)
}
