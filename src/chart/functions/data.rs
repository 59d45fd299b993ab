//! YAML, JSON and TOML in and out.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Meter, Native, Object, Text};
use crate::chart::value::Value;
use crate::chart::{json, toml, yaml};

const ANY: &[Type] = &[Type::Any];
const TEXT: &[Type] = &[Type::Text];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::metered("toYaml", ANY, |m, a| lenient(m, yaml_text(a))),
    Function::metered("mustToYaml", ANY, |m, a| strict(m, yaml_text(a))),
    Function::metered("toYamlPretty", ANY, |m, a| lenient(m, pretty_yaml(a))),
    Function::metered("fromYaml", TEXT, |m, a| parsed_map(m, a, yaml_map)),
    Function::metered("fromYamlArray", TEXT, |m, a| parsed_list(m, a, yaml_list)),
    Function::metered("toJson", ANY, |m, a| lenient(m, json_text(a))),
    Function::metered("mustToJson", ANY, |m, a| strict(m, json_text(a))),
    Function::metered("toPrettyJson", ANY, |m, a| lenient(m, pretty_json(a))),
    Function::metered("mustToPrettyJson", ANY, |m, a| strict(m, pretty_json(a))),
    Function::metered("toRawJson", ANY, |m, a| strict(m, raw_json(a))),
    Function::metered("mustToRawJson", ANY, |m, a| strict(m, raw_json(a))),
    Function::metered("fromJson", TEXT, |m, a| parsed_map(m, a, json_map)),
    Function::metered("fromJsonArray", TEXT, |m, a| parsed_list(m, a, json_list)),
    Function::metered("mustFromJson", TEXT, |m, a| {
        m.step(a.text(0).len() as u64 / 16)?;
        Ok(Object::from(&json_value(&a.text(0))?))
    }),
    Function::metered("toToml", ANY, |m, a| match a.any(0).is_present() {
        true => lenient(m, toml_text(a).or_else(Ok)),
        // The library panics on nil, which no caller catches.
        false => Err("reflect: call of reflect.Value.Type on zero Value".into()),
    }),
    Function::metered("mustToToml", ANY, |m, a| strict(m, toml_text(a))),
    Function::metered("fromToml", TEXT, |m, a| parsed_map(m, a, toml_map)),
];

type Written = Result<String, String>;

/// A text, or nothing where it could not be written.
fn lenient(meter: &Meter, written: Written) -> Outcome {
    strict(meter, Ok(written.unwrap_or_default()))
}

fn strict(meter: &Meter, written: Written) -> Outcome {
    let text = written?;
    meter.step(text.len() as u64 / 16)?;
    meter.allocate(text.len())?;
    Ok(text.into())
}

fn value(a: &[Object]) -> Result<Value, String> {
    a.any(0).to_value().map_err(|error| error.to_string())
}

fn without_last_break(text: String) -> String {
    text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
}

fn yaml_text(a: &[Object]) -> Written {
    yaml::write(&value(a)?).map(without_last_break).map_err(|error| error.to_string())
}

fn pretty_yaml(a: &[Object]) -> Written {
    yaml::write_pretty(&value(a)?).map(without_last_break).map_err(|error| error.to_string())
}

fn json_text(a: &[Object]) -> Written {
    json::write(&value(a)?).map_err(|error| error.to_string())
}

fn raw_json(a: &[Object]) -> Written {
    json::write_raw(&value(a)?).map_err(|error| error.to_string())
}

fn pretty_json(a: &[Object]) -> Written {
    json::write_indented(&value(a)?, "  ").map_err(|error| error.to_string())
}

fn toml_text(a: &[Object]) -> Written {
    if let Object::Native(Native::Time(time)) = a.any(0) {
        return Ok(time.rfc3339());
    }
    toml::write(&value(a)?).map_err(|error| error.to_string())
}

/// A parsed map; Helm puts what went wrong under `Error`.
fn parsed_map(meter: &Meter, a: &[Object], parse: fn(&Text) -> Result<Value, String>) -> Outcome {
    let text = a.text(0);
    meter.step(text.len() as u64 / 16)?;
    meter.allocate(text.len())?;
    Ok(match parse(&text) {
        Ok(value) => Object::from(&value),
        Err(message) => Object::map_of([("Error", Object::from(message))]),
    })
}

/// A parsed list; Helm puts what went wrong in its place.
fn parsed_list(meter: &Meter, a: &[Object], parse: fn(&Text) -> Result<Value, String>) -> Outcome {
    let text = a.text(0);
    meter.step(text.len() as u64 / 16)?;
    meter.allocate(text.len())?;
    Ok(match parse(&text) {
        Ok(value) => Object::from(&value),
        Err(message) => Object::list_of([Object::from(message)]),
    })
}

fn yaml_map(text: &Text) -> Result<Value, String> {
    yaml::read_map(text.as_bytes()).map(Value::Map).map_err(|error| error.to_string())
}

fn yaml_list(text: &Text) -> Result<Value, String> {
    yaml::read_list(text.as_bytes()).map(Value::List).map_err(|error| error.to_string())
}

fn json_value(text: &Text) -> Result<Value, String> {
    json::read(text.as_bytes()).map_err(|error| error.to_string())
}

fn json_map(text: &Text) -> Result<Value, String> {
    match json_value(text)? {
        map @ Value::Map(_) => Ok(map),
        Value::Null => Ok(Value::Map(crate::chart::value::Object::new())),
        other => Err(wrong_kind(&other, "map[string]interface {}")),
    }
}

fn json_list(text: &Text) -> Result<Value, String> {
    match json_value(text)? {
        list @ Value::List(_) => Ok(list),
        Value::Null => Ok(Value::List(Vec::new())),
        other => Err(wrong_kind(&other, "[]interface {}")),
    }
}

fn wrong_kind(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::List(_) => "array",
        Value::Map(_) => "object",
        other => other.kind(),
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

fn toml_map(text: &Text) -> Result<Value, String> {
    toml::read(&text.lossy()).map(Value::Map).map_err(|error| error.to_string())
}
