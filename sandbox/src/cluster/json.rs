//! Small ways of reading and writing objects.

use serde_json::{Map, Value};

use crate::clock::Time;

/// The text at a pointer; nothing is the empty text.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a pointer, or another one where there is none.
pub(super) fn number(value: &Value, pointer: &str, missing: i64) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or(missing)
}

/// The list at a pointer; nothing is the empty list.
pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

pub(super) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// Whether an object is on its way out.
pub(super) fn is_leaving(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

/// The members of a value, which becomes an object if it is none.
pub(super) fn members(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(members) => members,
        _ => unreachable!("it was made an object"),
    }
}

/// A member of an object, made if it is missing.
pub(super) fn member<'v>(value: &'v mut Value, key: &str) -> &'v mut Value {
    members(value).entry(key).or_insert(Value::Null)
}

/// Sets a member unless it is there.
pub(super) fn default(value: &mut Value, key: &str, usual: impl Into<Value>) {
    let place = member(value, key);
    if place.is_null() {
        *place = usual.into();
    }
}

/// Takes a member out of an object that may have it.
pub(super) fn remove(value: &mut Value, key: &str) -> Option<Value> {
    value.as_object_mut()?.shift_remove(key)
}

/// Takes out every member that is null: what is absent and what is null are the same to the built-in kinds.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// The wall time, as objects carry it.
pub(super) fn now() -> String {
    wall().format("%Y-%m-%dT%H:%M:%SZ")
}

/// The wall time.
pub(super) fn wall() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
