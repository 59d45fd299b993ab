//! Helm's own functions: other templates, refusals, the cluster and the name server.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::host::Lookup;
use crate::chart::template::{Execution, Members, Object};

use Type::{Any, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::engine("include", &[Str, Any], |e, a| Ok(e.include(&a.text(0), a.any(1).clone())?.into())),
    Function::engine("tpl", &[Str, Any], |e, a| Ok(e.template_text(&a.text(0), a.any(1).clone())?.into())),
    Function::engine("required", &[Str, Any], required),
    Function::engine("fail", &[Str], fail),
    Function::engine("lookup", &[Str, Str, Str, Str], lookup).costing(1_000),
    Function::engine("getHostByName", &[Str], resolve).costing(1_000),
];

fn required(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let value = a.any(1);
    let missing = match value {
        Object::Invalid | Object::Nil => true,
        Object::Text(text) => text.is_empty(),
        _ => false,
    };
    match (missing, execution.options().lint) {
        (false, _) => Ok(value.clone()),
        (true, true) => Ok("".into()),
        (true, false) => Err(a.text(0).lossy().into_owned().into()),
    }
}

fn fail(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    if execution.options().lint {
        return Ok("".into());
    }
    Err(a.text(0).lossy().into_owned().into())
}

fn lookup(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let texts = [a.text(0), a.text(1), a.text(2), a.text(3)];
    let [api_version, kind, namespace, name] = texts.each_ref().map(|text| text.lossy());
    let query = Lookup { api_version: &api_version, kind: &kind, namespace: &namespace, name: &name };
    match execution.host().lookup(&query)? {
        Some(found) => Ok(Object::from(&found)),
        None => Ok(crate::chart::template::Map::any(Members::new()).into()),
    }
}

fn resolve(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    if !execution.options().dns {
        return Ok("".into());
    }
    Ok(execution.host().resolve(&a.text(0).lossy())?.into())
}
