//! YAML, JSON and TOML in and out.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Element, List, Map, Meter, Object, Text};
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
        true => lenient(m, toml_text(a).or_else(|message| Ok(message.into()))),
        // The library panics on nil, which no caller catches.
        false => Err("reflect: call of reflect.Value.Type on zero Value".into()),
    }),
    Function::metered("mustToToml", ANY, |m, a| strict(m, toml_text(a))),
    Function::metered("fromToml", TEXT, |m, a| parsed_map(m, a, toml_map)),
];

/// What was written. All of it is UTF-8 but for TOML, which passes other bytes on.
type Written = Result<Text, String>;
type Parsed = Result<Object, String>;

/// A text, or nothing where it could not be written.
fn lenient(meter: &Meter, written: Written) -> Outcome {
    strict(meter, Ok(written.unwrap_or_else(|_| Text::from(""))))
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

fn without_last_break(mut text: String) -> Text {
    if text.ends_with('\n') {
        text.pop();
    }
    text.into()
}

fn yaml_text(a: &[Object]) -> Written {
    yaml::write(&value(a)?).map(without_last_break).map_err(|error| error.to_string())
}

fn pretty_yaml(a: &[Object]) -> Written {
    let value = a.any(0).to_value_for_yaml().map_err(|error| error.to_string())?;
    yaml::write_pretty(&value).map(without_last_break).map_err(|error| error.to_string())
}

fn json_text(a: &[Object]) -> Written {
    json::write(&value(a)?).map(Text::from).map_err(|error| error.to_string())
}

fn raw_json(a: &[Object]) -> Written {
    json::write_raw(&value(a)?).map(Text::from).map_err(|error| error.to_string())
}

fn pretty_json(a: &[Object]) -> Written {
    json::write_indented(&value(a)?, "  ").map(Text::from).map_err(|error| error.to_string())
}

fn toml_text(a: &[Object]) -> Written {
    match a.any(0) {
        // Nil, but of a type: Go writes them as if they were empty.
        Object::Map(map) if map.is_nil() => Ok(Text::from("")),
        Object::List(list) if list.is_nil() => Ok(Text::from("[]")),
        _ => toml::write(&value(a)?).map(Text::from).map_err(|error| error.to_string()),
    }
}

/// A parsed map; Helm puts what went wrong under `Error`.
fn parsed_map(meter: &Meter, a: &[Object], parse: fn(&Text) -> Parsed) -> Outcome {
    let text = a.text(0);
    meter.step(text.len() as u64 / 16)?;
    meter.allocate(text.len())?;
    Ok(match parse(&text) {
        Ok(map) => map,
        Err(message) => Object::map_of([("Error", Object::from(message))]),
    })
}

/// A parsed list; Helm puts what went wrong in its place.
fn parsed_list(meter: &Meter, a: &[Object], parse: fn(&Text) -> Parsed) -> Outcome {
    let text = a.text(0);
    meter.step(text.len() as u64 / 16)?;
    meter.allocate(text.len())?;
    Ok(match parse(&text) {
        Ok(list) => list,
        Err(message) => Object::list_of([Object::from(message)]),
    })
}

fn yaml_map(text: &Text) -> Parsed {
    let map = yaml::read_map(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok(Object::from(&Value::Map(map)))
}

fn yaml_list(text: &Text) -> Parsed {
    let list = yaml::read_list(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok(Object::from(&Value::List(list)))
}

fn json_value(text: &Text) -> Result<Value, String> {
    json::read(text.as_bytes()).map_err(|error| error.to_string())
}

/// Go's decoder looks at the outer kind first, makes the map nil for a null, and keeps what it could read
/// beside the error.
fn json_map(text: &Text) -> Parsed {
    let (value, too_large) = json::read_whole(text.as_bytes()).map_err(|error| error.to_string())?;
    match value {
        Value::Null if too_large.is_none() => Ok(Object::Map(Map::nil())),
        map @ Value::Map(_) => {
            let read = Object::from(&map);
            if let (Object::Map(map), Some(error)) = (&read, too_large) {
                map.set("Error", Object::from(error.to_string()));
            }
            Ok(read)
        }
        other => Err(wrong_kind(&other, "map[string]interface {}")),
    }
}

fn json_list(text: &Text) -> Parsed {
    let (value, too_large) = json::read_whole(text.as_bytes()).map_err(|error| error.to_string())?;
    match (value, too_large) {
        (Value::Null, None) => Ok(Object::List(List::nil(Element::Any))),
        (list @ Value::List(_), None) => Ok(Object::from(&list)),
        (Value::List(_), Some(error)) => Err(error.to_string()),
        (other, _) => Err(wrong_kind(&other, "[]interface {}")),
    }
}

fn wrong_kind(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::List(_) => "array",
        Value::Map(_) => "object",
        // At the top, only a number too large is read as a null with an error.
        Value::Null => "number",
        other => other.kind(),
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

fn toml_map(text: &Text) -> Parsed {
    toml::read(&text.lossy()).map_err(|error| error.to_string())
}
