//! Which fields an object has, and which differ between two.

use serde_json::Value;

use super::schema::{Cursor, Shape};
use super::set::Set;

/// The fields that an object sets.
pub(super) fn fields_of(object: &Value, root: &Cursor<'_>) -> Set {
    let mut set = Set::default();
    collect(object, root, &mut Vec::new(), &mut set);
    set
}

fn collect(value: &Value, at: &Cursor<'_>, path: &mut Vec<String>, set: &mut Set) {
    let shape = at.shape();
    match (value, &shape) {
        (Value::Object(members), Shape::Usual) if !members.is_empty() => {
            for (key, value) in members {
                path.push(format!("f:{key}"));
                collect(value, &at.field(key), path, set);
                path.pop();
            }
        }
        (Value::Array(items), Shape::Set | Shape::Map(_)) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Cursor::element(&shape, index, item));
                set.insert(path);
                if item.is_object() {
                    collect(item, &at.item(), path, set);
                }
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

/// What differs between two objects.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) added: Set,
    pub(super) modified: Set,
    pub(super) removed: Set,
}

impl Difference {
    /// What differs from `old` to `new`.
    pub(super) fn between(old: &Value, new: &Value, root: &Cursor<'_>) -> Self {
        let mut found = Self::default();
        found.walk((Some(old), Some(new)), root, &mut Vec::new());
        found
    }

    fn walk(
        &mut self,
        (old, new): (Option<&Value>, Option<&Value>),
        at: &Cursor<'_>,
        path: &mut Vec<String>,
    ) {
        if old == new {
            return;
        }
        let shape = at.shape();
        let is_open = |value: Option<&Value>| {
            matches!(
                (value, &shape),
                (None, _)
                    | (Some(Value::Object(_)), Shape::Usual)
                    | (Some(Value::Array(_)), Shape::Set | Shape::Map(_))
            )
        };
        let is_leaf = !(is_open(old) && is_open(new));
        match (old, new) {
            (None, _) => self.added.insert(path),
            (_, None) => self.removed.insert(path),
            _ if is_leaf => self.modified.insert(path),
            _ => {}
        }
        if is_leaf {
            return;
        }
        match old.or(new) {
            Some(Value::Object(_)) => self.members((old, new), at, path),
            Some(Value::Array(_)) => self.items((old, new), (at, &shape), path),
            _ => {}
        }
    }

    fn members(
        &mut self,
        (old, new): (Option<&Value>, Option<&Value>),
        at: &Cursor<'_>,
        path: &mut Vec<String>,
    ) {
        let mut keys: Vec<&String> =
            old.and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key).collect();
        keys.extend(new.and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key));
        keys.sort();
        keys.dedup();
        for key in keys {
            path.push(format!("f:{key}"));
            let of = |value: Option<&Value>| value.and_then(|value| value.get(key)).cloned();
            self.walk((of(old).as_ref(), of(new).as_ref()), &at.field(key), path);
            path.pop();
        }
    }

    fn items(
        &mut self,
        (old, new): (Option<&Value>, Option<&Value>),
        (at, shape): (&Cursor<'_>, &Shape),
        path: &mut Vec<String>,
    ) {
        let listed = |value: Option<&Value>| -> Vec<(String, Value)> {
            let items = value.and_then(Value::as_array).into_iter().flatten();
            items
                .enumerate()
                .map(|(index, item)| (Cursor::element(shape, index, item), item.clone()))
                .collect()
        };
        let (old, new) = (listed(old), listed(new));
        let find = |items: &[(String, Value)], element: &str| {
            items.iter().find(|(one, _)| one == element).map(|(_, item)| item.clone())
        };
        let mut elements: Vec<&String> = old.iter().chain(&new).map(|(element, _)| element).collect();
        elements.sort();
        elements.dedup();
        for element in elements {
            path.push(element.clone());
            self.walk((find(&old, element).as_ref(), find(&new, element).as_ref()), &at.item(), path);
            path.pop();
        }
    }
}
