//! Objects of kinds that a definition added: what the schema does not know goes, what it has a default for comes.
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning>

use serde_json::Value;

/// Makes an object conform to a definition's schema. What the server keeps itself is left alone.
pub(super) fn conform(object: &mut Value, schema: &Value) {
    const OWN: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let Some(members) = object.as_object_mut() else { return };
    let own: Vec<(String, Value)> = OWN
        .iter()
        .filter_map(|key| members.shift_remove(*key).map(|value| ((*key).to_owned(), value)))
        .collect();
    place(object, schema);
    if let Some(members) = object.as_object_mut() {
        for (index, (key, value)) in own.into_iter().enumerate() {
            members.shift_insert(index, key, value);
        }
    }
}

fn place(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => {
            let none = serde_json::Map::new();
            let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
            let more = schema.get("additionalProperties");
            let open = schema["x-kubernetes-preserve-unknown-fields"] == true
                || schema["x-kubernetes-embedded-resource"] == true
                || more.is_some_and(|more| *more != false);
            if !open {
                members.retain(|key, _| properties.contains_key(key));
            }
            for (key, property) in properties {
                if !members.contains_key(key)
                    && let Some(usual) = property.get("default")
                {
                    members.insert(key.clone(), usual.clone());
                }
            }
            for (key, value) in members.iter_mut() {
                if let Some(inside) = properties.get(key).or(more.filter(|more| more.is_object())) {
                    place(value, inside);
                }
            }
        }
        Value::Array(items) => {
            if let Some(inside) = schema.get("items") {
                items.iter_mut().for_each(|item| place(item, inside));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_go_and_defaults_come() {
        let schema = json!({ "type": "object", "properties": {
            "spec": { "type": "object", "properties": {
                "size": { "type": "integer", "default": 3 },
                "free": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
                "list": { "type": "array", "items": { "type": "object", "properties": { "a": { "type": "string" } } } } } } } });
        let mut object = json!({ "apiVersion": "e/v1", "kind": "T", "metadata": { "name": "x" }, "other": 1,
            "spec": { "free": { "b": 1 }, "list": [{ "a": "1", "b": 2 }], "gone": true } });
        conform(&mut object, &schema);
        let expected = json!({ "apiVersion": "e/v1", "kind": "T", "metadata": { "name": "x" },
            "spec": { "free": { "b": 1 }, "list": [{ "a": "1" }], "size": 3 } });
        assert_eq!(object, expected);
    }
}
