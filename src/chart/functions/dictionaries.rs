//! Sprig's dictionary functions. Those that change a dictionary change it for all who hold it.

use super::lists::collected;
use super::merge::merge;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{
    Element, Fault, List, Map, Members, Meter, Object, Shape, Text, grow_stack, to_text,
};

use Type::{Any, Map as Dict, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::metered("dict", &[], dict).and_more(Any),
    Function::pure("get", &[Dict, Str], get),
    Function::pure("set", &[Dict, Str, Any], set),
    Function::pure("unset", &[Dict, Str], unset),
    Function::pure("hasKey", &[Dict, Str], |a| Ok(a.map(0).get_bytes(a.text(1).as_bytes()).is_some().into())),
    Function::metered("pluck", &[Str], pluck).and_more(Dict),
    Function::metered("keys", &[], keys).and_more(Dict),
    Function::metered("values", &[Dict], values),
    Function::pure("pick", &[Dict], |a| Ok(chosen(a, true))).and_more(Str),
    Function::pure("omit", &[Dict], |a| Ok(chosen(a, false))).and_more(Str),
    Function::metered("merge", &[Dict], |m, a| merged(m, a, false)).and_more(Dict),
    Function::metered("mustMerge", &[Dict], |m, a| merged(m, a, false)).and_more(Dict),
    Function::metered("mergeOverwrite", &[Dict], |m, a| merged(m, a, true)).and_more(Dict),
    Function::metered("mustMergeOverwrite", &[Dict], |m, a| merged(m, a, true)).and_more(Dict),
    Function::metered("deepCopy", &[Any], copied),
    Function::metered("mustDeepCopy", &[Any], copied),
    Function::pure("dig", &[], dig).and_more(Any),
];

fn dict(meter: &Meter, a: &[Object]) -> Outcome {
    let mut members = Members::new();
    for pair in a.chunks(2) {
        meter.step(1)?;
        members.insert(to_text(pair.any(0)), pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    Ok(Map::any(members).into())
}

fn get(a: &[Object]) -> Outcome {
    Ok(a.map(0).get_bytes(a.text(1).as_bytes()).unwrap_or_else(|| "".into()))
}

fn set(a: &[Object]) -> Outcome {
    let map = a.map(0);
    if !map.insert(a.text(1), a.any(2).clone()) {
        return Err("assignment to entry in nil map".into());
    }
    Ok(map.into())
}

fn unset(a: &[Object]) -> Outcome {
    let map = a.map(0);
    map.remove(a.text(1).as_bytes());
    Ok(map.into())
}

fn pluck(meter: &Meter, a: &[Object]) -> Outcome {
    let key = a.text(0);
    let found = a.rest(1).iter().filter_map(|map| map.as_map()?.get_bytes(key.as_bytes()));
    collected(meter, found.collect())
}

/// Go gives the keys in random order; here they are sorted.
fn keys(meter: &Meter, a: &[Object]) -> Outcome {
    let maps = a.iter().filter_map(Object::as_map);
    let names: Vec<Text> = maps.flat_map(|map| map.members().keys().cloned().collect::<Vec<_>>()).collect();
    super::lists::count(meter, names.len())?;
    Ok(List::collected(Element::Text, 0, names.into_iter().map(Object::Text).collect()).into())
}

/// Go gives the values in random order; here they are in the order of their keys.
fn values(meter: &Meter, a: &[Object]) -> Outcome {
    let items = a.map(0).members().values().cloned().collect();
    collected(meter, items)
}

fn chosen(a: &[Object], keep: bool) -> Object {
    let names = a.rest(1);
    let named = |key: &Text| names.iter().any(|name| name.as_text() == Some(key));
    let map = a.map(0);
    let members = map.members();
    let kept = members.iter().filter(|(key, _)| named(key) == keep);
    Map::any(kept.map(|(key, value)| (key.clone(), value.clone())).collect()).into()
}

fn merged(meter: &Meter, a: &[Object], overwrite: bool) -> Outcome {
    let mut target = a.map(0);
    for source in a.rest(1) {
        let Some(source) = source.as_map() else { continue };
        if target.is_nil() && !source.is_nil() {
            target = Map::any(Members::new());
        }
        merge(meter, &target, source, overwrite, 0)?;
    }
    Ok(target.into())
}

fn copied(meter: &Meter, a: &[Object]) -> Outcome {
    if !a.any(0).is_present() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    deep_copy(meter, a.any(0), 0)
}

fn deep_copy(meter: &Meter, object: &Object, depth: usize) -> Outcome {
    if depth > 1_000 {
        return Err("the value contains itself or nests too deeply to be copied".into());
    }
    meter.step(20)?;
    grow_stack(|| copy_parts(meter, object, depth))
}

fn copy_parts(meter: &Meter, object: &Object, depth: usize) -> Outcome {
    Ok(match object {
        Object::List(list) if list.is_nil() => List::nil(list.element()).into(),
        Object::List(list) => {
            let copies =
                list.items().iter().map(|item| deep_copy(meter, item, depth + 1)).collect::<Result<_, _>>();
            List::with_capacity(list.element(), list.capacity(), copies?).into()
        }
        Object::Map(map) if map.is_nil() => Map::nil().into(),
        Object::Map(map) => {
            let members = map.members();
            let copy =
                |(key, value): (&Text, &Object)| Ok((key.clone(), deep_copy(meter, value, depth + 1)?));
            let copies = members.iter().map(copy).collect::<Result<Members, Fault>>()?;
            Map::new(map.shape(), copies).into()
        }
        Object::Native(native) => native.deep_copied().into(),
        other => other.clone(),
    })
}

fn dig(a: &[Object]) -> Outcome {
    let [path @ .., fallback, start] = a else { return Err("dig needs at least three arguments".into()) };
    if path.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut value = start.clone();
    // Sprig asserts all types before it looks at anything.
    plain_map(&value)?;
    let mut names = Vec::new();
    for name in path {
        match name {
            Object::Text(name) => names.push(name),
            other => return Err(conversion(other, "string").into()),
        }
    }
    for name in names {
        let map = plain_map(&value)?;
        match map.get_bytes(name.as_bytes()) {
            Some(next) => value = next,
            None => return Ok(fallback.clone()),
        }
    }
    Ok(value)
}

/// Sprig asks for exactly `map[string]interface {}` here: not even `.Values` will do.
fn plain_map(object: &Object) -> Result<Map, String> {
    match object {
        Object::Map(map) if map.shape() == Shape::Any => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    }
}

fn conversion(object: &Object, wanted: &str) -> String {
    let found = if object.is_present() { object.go_type() } else { "nil" };
    format!("interface conversion: interface {{}} is {found}, not {wanted}")
}
