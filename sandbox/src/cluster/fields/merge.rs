//! Merging what is applied into what is there, and taking out what nobody owns any more.

use serde_json::{Map, Value};

use super::schema::{Cursor, Shape, position};
use super::set::Set;

/// What is there with what is applied on top.
pub(super) fn merged(live: &Value, applied: &Value, at: &Cursor<'_>) -> Value {
    let shape = at.shape();
    match (live, applied, &shape) {
        (Value::Object(live), Value::Object(applied), Shape::Usual) => {
            let mut members: Map<String, Value> = live.clone();
            for (key, value) in applied {
                let value = match live.get(key) {
                    Some(before) => merged(before, value, &at.field(key)),
                    None => value.clone(),
                };
                members.insert(key.clone(), value);
            }
            Value::Object(members)
        }
        (Value::Array(live), Value::Array(applied), Shape::Set | Shape::Map(_)) => {
            Value::Array(merged_lists(live, applied, (at, &shape)))
        }
        _ => applied.clone(),
    }
}

/// The applied items in their order; items that are only there keep their places before those that they preceded.
fn merged_lists(live: &[Value], applied: &[Value], (at, shape): (&Cursor<'_>, &Shape)) -> Vec<Value> {
    let element = |index: usize, item: &Value| Cursor::element(shape, index, item);
    let of = |items: &[Value]| -> Vec<String> {
        items.iter().enumerate().map(|(index, item)| element(index, item)).collect()
    };
    let (there, wanted) = (of(live), of(applied));
    let mut items = Vec::new();
    let mut next = 0;
    for (item, name) in applied.iter().zip(&wanted) {
        let Some(found) = there.iter().position(|one| one == name) else {
            items.push(item.clone());
            continue;
        };
        while next < found {
            if !wanted.contains(&there[next]) {
                items.push(live[next].clone());
            }
            next += 1;
        }
        next = next.max(found + 1);
        items.push(merged(&live[found], item, &at.item()));
    }
    let rest = live.iter().zip(&there).skip(next).filter(|(_, name)| !wanted.contains(name));
    items.extend(rest.map(|(item, _)| item.clone()));
    items
}

/// Takes everything out that was in `last` and is owned by nobody now.
pub(super) fn prune(value: &mut Value, last: &Set, owned: &Set) {
    for (element, below) in last.elements() {
        match owned.below(element) {
            None => take(value, element),
            Some(owned) => {
                if let Some(inside) = inside(value, element) {
                    prune(inside, below, owned);
                }
            }
        }
    }
}

fn take(value: &mut Value, element: &str) {
    match value {
        Value::Object(members) => {
            members.shift_remove(element.strip_prefix("f:").unwrap_or(element));
        }
        Value::Array(items) => {
            if let Some(found) = position(items, element) {
                items.remove(found);
            }
        }
        _ => {}
    }
}

fn inside<'v>(value: &'v mut Value, element: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(members) => members.get_mut(element.strip_prefix("f:")?),
        Value::Array(items) => {
            let found = position(items, element)?;
            items.get_mut(found)
        }
        _ => None,
    }
}
