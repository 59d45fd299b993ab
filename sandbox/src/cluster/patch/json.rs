//! JSON patch, RFC 6902.

use serde_json::Value;

use crate::cluster::refusal::Refusal;

/// Does the operations of a patch in their order.
///
/// # Errors
/// 422 where an operation does not fit.
pub(in crate::cluster) fn json_patch(value: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let Some(operations) = patch.as_array() else { return Err(Refusal::bad("a JSON patch is a list")) };
    for one in operations {
        operate(value, one).ok_or_else(|| {
            let message = "the server rejected our request due to an error in our request";
            Refusal::new(422, "Invalid", message)
        })?;
    }
    Ok(())
}

fn operate(value: &mut Value, one: &Value) -> Option<()> {
    let path = one["path"].as_str()?;
    match one["op"].as_str()? {
        "add" => add(value, path, one.get("value")?.clone()),
        "remove" => take(value, path).map(drop),
        "replace" => {
            *value.pointer_mut(path)? = one.get("value")?.clone();
            Some(())
        }
        "move" => {
            let moved = take(value, one["from"].as_str()?)?;
            add(value, path, moved)
        }
        "copy" => {
            let copied = value.pointer(one["from"].as_str()?)?.clone();
            add(value, path, copied)
        }
        "test" => (value.pointer(path)? == one.get("value")?).then_some(()),
        _ => None,
    }
}

fn place<'v>(value: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let (parent, last) = path.rsplit_once('/')?;
    Some((value.pointer_mut(parent)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(value: &mut Value, path: &str, new: Value) -> Option<()> {
    if path.is_empty() {
        *value = new;
        return Some(());
    }
    match place(value, path)? {
        (Value::Object(members), key) => drop(members.insert(key, new)),
        (Value::Array(items), key) if key == "-" => items.push(new),
        (Value::Array(items), key) => {
            let index = key.parse().ok().filter(|index| *index <= items.len())?;
            items.insert(index, new);
        }
        _ => return None,
    }
    Some(())
}

fn take(value: &mut Value, path: &str) -> Option<Value> {
    match place(value, path)? {
        (Value::Object(members), key) => members.shift_remove(&key),
        (Value::Array(items), key) => {
            let index = key.parse().ok().filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_done_in_order_or_refused() {
        let mut value = json!({ "a": { "x/y": 1 }, "l": [1, 2] });
        let patch = json!([
            { "op": "test", "path": "/a/x~1y", "value": 1 },
            { "op": "replace", "path": "/a/x~1y", "value": 2 },
            { "op": "add", "path": "/l/1", "value": 9 },
            { "op": "add", "path": "/l/-", "value": 3 },
            { "op": "remove", "path": "/l/0" },
            { "op": "move", "from": "/a", "path": "/b" },
        ]);
        json_patch(&mut value, &patch).unwrap();
        assert_eq!(value, json!({ "l": [9, 2, 3], "b": { "x/y": 2 } }));
        let refused = json_patch(&mut value, &json!([{ "op": "remove", "path": "/nothing" }])).unwrap_err();
        assert_eq!(refused.code, 422);
    }
}
