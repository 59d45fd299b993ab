//! `values.schema.json`: whether values are what a chart and the charts inside it expect.

use serde::Serialize;

use super::model::Chart;
use super::value::{Object, Value};

/// Values that a schema does not allow, or a schema that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{}", .0.join("\n"))]
pub struct SchemaError(Vec<String>);

/// Checks `values` (coalesced) against the schema of `chart`, and what is in them for the charts inside it
/// against theirs.
///
/// A schema that refers to another document on the network is refused: nothing is fetched from here.
pub fn validate(chart: &Chart, values: &Object) -> Result<(), SchemaError> {
    let mut findings = Vec::new();
    check(chart, values, &mut findings);
    if findings.is_empty() { Ok(()) } else { Err(SchemaError(findings)) }
}

/// Whether `chart` or a chart inside it has a schema.
pub fn is_given(chart: &Chart) -> bool {
    chart.schema.is_some() || chart.dependencies.iter().any(is_given)
}

fn check(chart: &Chart, values: &Object, findings: &mut Vec<String>) {
    if let Some(schema) = &chart.schema {
        let problems = check_one(schema, values);
        if !problems.is_empty() {
            findings.push(format!("{}:\n{}", chart.name(), problems.join("\n")));
        }
    }
    for dependency in &chart.dependencies {
        match values.get(dependency.name()) {
            None | Some(Value::Null) => {}
            Some(Value::Map(values)) => check(dependency, values, findings),
            Some(other) => {
                let found = other.kind();
                let problem = format!("invalid type for values: expected object (map), got {found}");
                findings.push(format!("{}:\n{problem}", dependency.name()));
            }
        }
    }
}

fn check_one(schema: &[u8], values: &Object) -> Vec<String> {
    let schema: serde_json::Value = match serde_json::from_slice(schema) {
        Ok(schema) => schema,
        Err(error) => return vec![format!("- values.schema.json is not JSON: {error}")],
    };
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => return vec![format!("- values.schema.json is no usable schema: {error}")],
    };
    let instance = match as_json(values) {
        Ok(instance) => instance,
        Err(error) => return vec![format!("- the values have no form in JSON: {error}")],
    };
    if validator.is_valid(&instance) {
        return Vec::new();
    }
    let describe = |error: jsonschema::ValidationError<'_>| {
        let path = error.instance_path().to_string();
        let path = if path.is_empty() { "/" } else { path.as_str() };
        format!("- at '{path}': {error}")
    };
    validator.iter_errors(&instance).map(describe).collect()
}

/// A value as a schema is held against it.
///
/// # Errors
/// When it has no form in JSON.
pub(super) fn as_json(value: impl Serialize) -> Result<serde_json::Value, serde_json::Error> {
    let mut instance = serde_json::to_value(value)?;
    whole_numbers(&mut instance);
    Ok(instance)
}

/// Writes floats without a fraction as whole numbers: values are floats to Helm, and `1` is what was written.
fn whole_numbers(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) => {
            let float = number.as_f64().filter(|f| number.is_f64() && f.fract() == 0.0 && f.abs() < 9e15);
            if let Some(float) = float {
                *value = serde_json::Value::from(float as i64);
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        serde_json::Value::Object(map) => map.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::load::from_files;
    use crate::chart::{File, json};

    fn problems(schema: &str, values: &str) -> String {
        let files = vec![
            File::new("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            File::new("values.schema.json", schema.as_bytes()),
        ];
        let Value::Map(values) = json::read(values.as_bytes()).unwrap() else { unreachable!() };
        validate(&from_files(files).unwrap(), &values)
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn findings_name_the_place_and_the_rule() {
        let schema = r#"{"type":"object","properties":{"a":{"type":"integer","minimum":2},"b":{"enum":["x"]}},"required":["b"]}"#;
        assert_eq!(problems(schema, r#"{"a":3,"b":"x"}"#), "");
        let text = problems(schema, r#"{"a":1}"#);
        assert!(text.contains("following chart(s):\nc:\n"), "{text}");
        assert!(text.contains("- at '/a': 1 is less than the minimum of 2"), "{text}");
        assert!(text.contains("\"b\" is a required property"), "{text}");
        assert!(problems("{", "{}").contains("is not JSON"));
        assert!(problems(r#"{"$ref":"https://example.invalid/x.json"}"#, "{}").contains("no usable schema"));
    }
}
