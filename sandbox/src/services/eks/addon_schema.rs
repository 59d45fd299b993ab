//! Checking add-on settings against the JSON Schemas of the catalogue, which use a handful of keywords only.

use serde_json::Value;

/// The keywords that are checked; `$schema`, `description` and the like say nothing about values.
#[cfg(test)]
const CHECKED: [&str; 7] =
    ["$schema", "additionalProperties", "enum", "items", "properties", "required", "type"];

/// What of `values` the schema does not allow, in EKS's manner (`$.env.X: is not defined in the schema`).
pub(super) fn broken(schema: &Value, values: &Value) -> Option<String> {
    at("$", schema, values)
}

fn at(path: &str, schema: &Value, value: &Value) -> Option<String> {
    if let Some(kind) = schema.get("type").and_then(Value::as_str)
        && !is_of(kind, value)
    {
        return Some(format!("{path}: {} found, {kind} expected", name_of(value)));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        return Some(format!("{path}: does not have a value in the enumeration {allowed:?}"));
    }
    match value {
        Value::Object(fields) => {
            let known = schema.get("properties").and_then(Value::as_object);
            let more = schema.get("additionalProperties");
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let missing = required.filter_map(Value::as_str).find(|name| !fields.contains_key(*name));
            if let Some(name) = missing {
                return Some(format!("{path}.{name}: is missing but it is required"));
            }
            fields.iter().find_map(|(name, field)| {
                let inside = format!("{path}.{name}");
                match (known.and_then(|known| known.get(name)), more) {
                    (Some(schema), _) => at(&inside, schema, field),
                    (None, Some(Value::Bool(false))) => {
                        Some(format!("{inside}: is not defined in the schema and the schema does not allow additional properties"))
                    }
                    (None, Some(schema @ Value::Object(_))) => at(&inside, schema, field),
                    (None, _) => None,
                }
            })
        }
        Value::Array(entries) => {
            let items = schema.get("items")?;
            entries
                .iter()
                .enumerate()
                .find_map(|(index, entry)| at(&format!("{path}[{index}]"), items, entry))
        }
        _ => None,
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Fails when a schema uses a keyword that is not checked.
#[cfg(test)]
pub(super) fn assert_understood(schema: &Value, name: &str) {
    let Value::Object(fields) = schema else { return };
    for (keyword, value) in fields {
        assert!(CHECKED.contains(&keyword.as_str()), "{name}: {keyword}");
        match keyword.as_str() {
            "properties" => {
                for (_, inner) in value.as_object().into_iter().flatten() {
                    assert_understood(inner, name);
                }
            }
            "items" | "additionalProperties" => assert_understood(value, name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::broken;

    #[test]
    fn types_names_and_values_are_checked() {
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
            "replicas": { "type": "integer" }, "mode": { "enum": ["a", "b"] },
            "env": { "type": "object", "additionalProperties": { "type": "string" } },
            "list": { "type": "array", "items": { "type": "string" } } }});
        let fits = |values| broken(&schema, &values).is_none();
        assert!(fits(json!({ "replicas": 2, "mode": "a", "env": { "X": "1" }, "list": ["x"] })));
        assert!(!fits(json!({ "replicas": "2" })) && !fits(json!({ "mode": "c" })) && !fits(json!([])));
        assert!(
            !fits(json!({ "env": { "X": 1 } }))
                && !fits(json!({ "other": 1 }))
                && !fits(json!({ "list": [1] }))
        );
    }
}
