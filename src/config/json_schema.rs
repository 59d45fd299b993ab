//! The JSON Schema of an environment file, made from the types.

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::schema::Settings;

/// The JSON Schema of an environment file, for editors and for the check of every file.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(simplify));
    let mut schema = settings.into_generator().into_root_schema_for::<Settings>();
    RecursiveTransform(own_formats_only).transform(&mut schema);
    schema.to_value()
}

/// Says the same in fewer words: TOML has no null, and a choice of documented constants is an enumeration.
fn simplify(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    unwrap_option(object);
    merge_constants(object);
    if object.get("default") == Some(&Value::Null) {
        object.remove("default");
    }
}

fn unwrap_option(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = object.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type") != Some(&json!("null")));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// `oneOf` of constants with descriptions becomes `enum`, the descriptions a list in the description.
fn merge_constants(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let constants: Option<Vec<Value>> = choices.iter().map(|choice| choice.get("const").cloned()).collect();
    let Some(constants) = constants else { return };
    let mut description = object.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    for choice in choices {
        let word = choice.get("const").map_or("", |word| word.as_str().unwrap_or_default());
        let meaning = choice.get("description").and_then(Value::as_str).unwrap_or_default();
        description.push_str(&format!("\n- `{word}`: {meaning}"));
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), json!("string"));
    object.insert("enum".to_owned(), Value::Array(constants));
    object.insert("description".to_owned(), Value::String(description.trim_start().to_owned()));
}

/// Takes out `format` where the type says it all (`uint16`), so that what is left is a form of ours.
fn own_formats_only(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let foreign =
        object.get("format").and_then(Value::as_str).is_some_and(|name| super::format::find(name).is_none());
    if foreign {
        object.remove("format");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(value: &Value, visit: &mut dyn FnMut(&Map<String, Value>)) {
        match value {
            Value::Object(map) => {
                visit(map);
                map.values().for_each(|inner| each(inner, visit));
            }
            Value::Array(items) => items.iter().for_each(|inner| each(inner, visit)),
            _ => {}
        }
    }

    #[test]
    fn everything_is_described_closed_and_free_of_null() {
        let schema = json_schema();
        each(&schema, &mut |object| {
            if let Some(Value::Object(properties)) = object.get("properties") {
                assert_eq!(object.get("additionalProperties"), Some(&json!(false)), "{object:?}");
                for (key, property) in properties {
                    assert!(property.get("description").is_some(), "`{key}` has no description");
                }
            }
            assert_ne!(object.get("type"), Some(&json!("null")));
            for key in ["oneOf", "anyOf"] {
                assert!(!object.contains_key(key), "{key} makes for poor reports: {object:?}");
            }
        });
    }

    #[test]
    fn every_format_that_fields_name_exists() {
        let settings = SchemaSettings::draft2020_12();
        let schema = settings.into_generator().into_root_schema_for::<Settings>().to_value();
        each(&schema, &mut |object| {
            if let Some(Value::String(name)) = object.get("format") {
                let numeric = name.starts_with("uint") || name.starts_with("int");
                assert!(numeric || super::super::format::find(name).is_some(), "unknown format `{name}`");
            }
        });
    }
}
