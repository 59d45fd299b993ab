//! Strategic merge patch: a merge patch that knows by which member the items of a list are known.
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>

use serde_json::{Map, Value};

use crate::cluster::fields::{Cursor, Shape};
use crate::cluster::json::members;

/// Merges a patch into an object.
pub(in crate::cluster) fn strategic_merge(value: &mut Value, patch: &Value, at: &Cursor<'_>) {
    let Value::Object(changes) = patch else {
        *value = patch.clone();
        return;
    };
    match changes.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            *value = Value::Object(plain(changes));
            return;
        }
        Some("delete") => {
            *value = Value::Object(Map::new());
            return;
        }
        _ => {}
    }
    let members = members(value);
    if let Some(kept) = changes.get("$retainKeys").and_then(Value::as_array) {
        members.retain(|key, _| kept.iter().any(|one| one == key));
    }
    for (key, change) in changes {
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            let gone = change.as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(items) = members.get_mut(list).and_then(Value::as_array_mut) {
                items.retain(|item| !gone.contains(item));
            }
        } else if key.starts_with('$') {
            continue;
        } else if change.is_null() {
            members.shift_remove(key);
        } else {
            let inside = at.field(key);
            let value = members.entry(key.clone()).or_insert(Value::Null);
            match change {
                Value::Array(items) => merge_list(value, items, &inside),
                _ => strategic_merge(value, change, &inside),
            }
        }
    }
    for (key, order) in changes {
        if let Some(list) = key.strip_prefix("$setElementOrder/") {
            let by = at.field(list).merge_key();
            if let Some(items) = members.get_mut(list).and_then(Value::as_array_mut) {
                sort(items, order, by.as_deref());
            }
        }
    }
}

fn plain(changes: &Map<String, Value>) -> Map<String, Value> {
    changes
        .iter()
        .filter(|(key, _)| !key.starts_with('$'))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn merge_list(value: &mut Value, changes: &[Value], at: &Cursor<'_>) {
    let by = at.merge_key();
    let mut items = value.as_array().cloned().unwrap_or_default();
    let replace = changes.iter().any(|change| change["$patch"] == "replace");
    match (by, at.shape()) {
        (Some(by), _) if !replace => {
            for change in changes {
                let found = items.iter().position(|item| item.get(&by) == change.get(&by));
                match (found, change["$patch"] == "delete") {
                    (Some(found), true) => drop(items.remove(found)),
                    (None, true) => {}
                    (Some(found), false) => strategic_merge(&mut items[found], change, &at.item()),
                    (None, false) => items.push(match change {
                        Value::Object(members) => Value::Object(plain(members)),
                        other => other.clone(),
                    }),
                }
            }
        }
        (None, Shape::Set) if !replace => {
            for change in changes {
                if !items.contains(change) {
                    items.push(change.clone());
                }
            }
        }
        _ => {
            items = changes.iter().filter(|change| change["$patch"] != "replace").cloned().collect();
        }
    }
    *value = Value::Array(items);
}

/// Items that the order does not name stay behind those before them.
fn sort(items: &mut [Value], order: &Value, by: Option<&str>) {
    let order = order.as_array().map(Vec::as_slice).unwrap_or_default();
    let place = |item: &Value| {
        order.iter().position(|one| match by {
            Some(by) => one.get(by) == item.get(by),
            None => one == item,
        })
    };
    items.sort_by_key(|item| place(item).unwrap_or(order.len()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::kinds;

    #[test]
    fn lists_are_merged_by_their_keys() {
        let kind = kinds::known("apps", "Deployment");
        let containers =
            |items: Value| json!({ "spec": { "template": { "spec": { "containers": items } } } });
        let mut value = containers(json!([
            { "name": "a", "image": "1", "args": ["x"], "env": [{ "name": "A", "value": "1" }, { "name": "B" }] },
            { "name": "b" },
        ]));
        let patch = containers(json!([
            { "name": "a", "image": "2", "args": ["y"], "env": [{ "name": "A", "value": "2" }, { "name": "B", "$patch": "delete" }] },
            { "name": "b", "$patch": "delete" },
            { "name": "c" },
        ]));
        strategic_merge(&mut value, &patch, &Cursor::root(&kind));
        let expected = containers(json!([
            { "name": "a", "image": "2", "args": ["y"], "env": [{ "name": "A", "value": "2" }] },
            { "name": "c" },
        ]));
        assert_eq!(value, expected);
    }

    #[test]
    fn orders_and_kept_keys_are_followed() {
        let kind = kinds::known("", "Service");
        let mut value = json!({ "spec": { "ports": [{ "port": 1 }, { "port": 2 }] }, "metadata": { "finalizers": ["a"] } });
        let patch = json!({ "spec": { "ports": [{ "port": 3 }], "$setElementOrder/ports": [{ "port": 3 }, { "port": 2 }, { "port": 1 }] },
            "metadata": { "finalizers": ["b"], "$deleteFromPrimitiveList/finalizers": ["a"] } });
        strategic_merge(&mut value, &patch, &Cursor::root(&kind));
        assert_eq!(value["spec"]["ports"], json!([{ "port": 3 }, { "port": 2 }, { "port": 1 }]));
        assert_eq!(value["metadata"]["finalizers"], json!(["b"]));
        let mut value = json!({ "spec": { "strategy": { "type": "RollingUpdate", "rollingUpdate": {} } } });
        let kind = kinds::known("apps", "Deployment");
        let patch = json!({ "spec": { "strategy": { "$retainKeys": ["type"], "type": "Recreate" } } });
        strategic_merge(&mut value, &patch, &Cursor::root(&kind));
        assert_eq!(value["spec"]["strategy"], json!({ "type": "Recreate" }));
    }
}
