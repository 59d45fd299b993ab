//! JSON merge patch, RFC 7396.

use serde_json::Value;

use crate::cluster::json::members;

/// Merges a patch into a value: null takes out, objects are merged, anything else replaces.
pub(in crate::cluster) fn merge_patch(value: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *value = patch.clone();
        return;
    };
    let members = members(value);
    for (key, change) in changes {
        if change.is_null() {
            members.shift_remove(key);
        } else {
            merge_patch(members.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_takes_out_and_lists_replace() {
        let mut value = json!({ "a": { "b": 1, "c": 2 }, "l": [1, 2] });
        merge_patch(&mut value, &json!({ "a": { "b": null, "d": { "x": null } }, "l": [3], "n": null }));
        assert_eq!(value, json!({ "a": { "c": 2, "d": {} }, "l": [3] }));
    }
}
