//! The methods of `.Files`.

use super::encoding::encode64;
use super::glob::Glob;
use super::paths::base;
use super::signature::{Arguments, Outcome};
use crate::chart::content::Content;
use crate::chart::template::{List, Map, Members, Meter, Object, Shape, Text, lossy};
use crate::chart::value::{self, Value};
use crate::chart::yaml;

fn bytes(files: &Map, name: &[u8]) -> Content {
    match files.get_bytes(name) {
        Some(Object::Bytes(bytes)) => bytes,
        _ => Vec::new().into(),
    }
}

/// `.Files.Get`: a file as text, empty if there is none.
pub(super) fn get(meter: &Meter, a: &[Object]) -> Outcome {
    let data = bytes(&a.map(0), a.text(1).as_bytes());
    meter.allocate(data.len())?;
    Ok(Text::from(&*data).into())
}

/// `.Files.GetBytes`
pub(super) fn get_bytes(meter: &Meter, a: &[Object]) -> Outcome {
    let data = bytes(&a.map(0), a.text(1).as_bytes());
    meter.allocate(data.len())?;
    Ok(Object::Bytes(data))
}

/// `.Files.Lines`: a file's lines, without the break at its end.
pub(super) fn lines(meter: &Meter, a: &[Object]) -> Outcome {
    let data = bytes(&a.map(0), a.text(1).as_bytes());
    meter.allocate(data.len())?;
    if data.is_empty() {
        return Ok(List::of_text([]).into());
    }
    let body = data.strip_suffix(b"\n").unwrap_or(&data);
    Ok(List::of_text(body.split(|byte| *byte == b'\n').map(Text::from)).into())
}

/// `.Files.Glob`: the files whose names match; all of them if the pattern is none.
pub(super) fn glob(meter: &Meter, a: &[Object]) -> Outcome {
    let pattern = a.text(1);
    let pattern = pattern.lossy();
    let glob = Glob::new(&pattern);
    let files = a.map(0);
    let mut matching = Members::new();
    for (name, data) in files.members().iter() {
        meter.step(name.len() as u64)?;
        if glob.as_ref().is_none_or(|glob| glob.matches(&name.lossy())) {
            matching.insert(name.clone(), data.clone());
        }
    }
    Ok(Map::new(Shape::Files, matching).into())
}

/// `.Files.AsConfig`: the files by their base names, as YAML.
pub(super) fn as_config(meter: &Meter, a: &[Object]) -> Outcome {
    as_yaml(meter, &a.map(0), |data| lossy(data).into_owned())
}

/// `.Files.AsSecrets`: the files by their base names in base 64, as YAML.
pub(super) fn as_secrets(meter: &Meter, a: &[Object]) -> Outcome {
    as_yaml(meter, &a.map(0), encode64)
}

fn as_yaml(meter: &Meter, files: &Map, write: impl Fn(&[u8]) -> String) -> Outcome {
    let mut members = value::Object::new();
    for (name, data) in files.members().iter() {
        if let Object::Bytes(data) = data {
            meter.allocate(data.len())?;
            members.insert(lossy(base(name.as_bytes())).into_owned(), Value::String(write(data)));
        }
    }
    let text = yaml::write(&Value::Map(members)).unwrap_or_default();
    Ok(text.strip_suffix('\n').unwrap_or(&text).into())
}
