//! Sprig's list functions. Each takes any slice, gives faults for anything else, and has a `must` twin.

use super::cast::to_int;
use super::defaults::empty;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Element, Fault, Integer, List, Meter, Object, Text, deep_equal, to_text};

use Type::{Any, Int};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::metered("list", &[], |m, a| made(m, a.to_vec())).and_more(Any),
    Function::metered("tuple", &[], |m, a| made(m, a.to_vec())).and_more(Any),
    Function::metered("append", &[Any, Any], push),
    Function::metered("push", &[Any, Any], push),
    Function::metered("mustAppend", &[Any, Any], push),
    Function::metered("mustPush", &[Any, Any], push),
    Function::metered("prepend", &[Any, Any], prepend),
    Function::metered("mustPrepend", &[Any, Any], prepend),
    Function::pure("first", &[Any], first),
    Function::pure("mustFirst", &[Any], first),
    Function::pure("last", &[Any], last),
    Function::pure("mustLast", &[Any], last),
    Function::metered("rest", &[Any], rest),
    Function::metered("mustRest", &[Any], rest),
    Function::metered("initial", &[Any], initial),
    Function::metered("mustInitial", &[Any], initial),
    Function::metered("reverse", &[Any], reverse),
    Function::metered("mustReverse", &[Any], reverse),
    Function::metered("compact", &[Any], compact),
    Function::metered("mustCompact", &[Any], compact),
    Function::metered("uniq", &[Any], uniq),
    Function::metered("mustUniq", &[Any], uniq),
    Function::metered("without", &[Any], without).and_more(Any),
    Function::metered("mustWithout", &[Any], without).and_more(Any),
    Function::pure("has", &[Any, Any], has),
    Function::pure("mustHas", &[Any, Any], has),
    Function::metered("slice", &[Any], slice).and_more(Any),
    Function::metered("mustSlice", &[Any], slice).and_more(Any),
    Function::metered("concat", &[], concat).and_more(Any),
    Function::metered("chunk", &[Int, Any], chunk),
    Function::metered("mustChunk", &[Int, Any], chunk),
    Function::metered("sortAlpha", &[Any], sort),
];

/// A new `[]interface {}`, counted.
pub(super) fn made(meter: &Meter, items: Vec<Object>) -> Outcome {
    count(meter, items.len())?;
    Ok(List::new(Element::Any, items).into())
}

/// A new `[]interface {}` that Sprig makes item by item, counted.
pub(super) fn collected(meter: &Meter, items: Vec<Object>) -> Outcome {
    count(meter, items.len())?;
    Ok(List::collected(Element::Any, 0, items).into())
}

/// Counts a list of so many items, and the work of copying it.
pub(super) fn count(meter: &Meter, len: usize) -> Result<(), Fault> {
    meter.step(len as u64 / 8)?;
    Ok(meter.allocate(len.saturating_mul(size_of::<Object>()))?)
}

/// A `[]string`.
pub(super) fn of_text(parts: Vec<Vec<u8>>) -> List {
    List::of_text(parts.into_iter().map(Text::from))
}

/// The items of any slice.
pub(super) fn items(object: &Object, what: &str) -> Result<Vec<Object>, Fault> {
    match object {
        Object::List(list) => Ok(list.items().to_vec()),
        Object::Bytes(bytes) => {
            Ok(bytes.iter().map(|byte| Object::Int(Integer::Uint8, i64::from(*byte))).collect())
        }
        Object::Nil | Object::Invalid => Err(format!("{what} nil").into()),
        other => Err(format!("{what} type {}", other.kind()).into()),
    }
}

/// Sprig's `strslice`: the items as strings, without nils; one string for what is no slice.
pub(super) fn to_texts(object: &Object) -> Vec<Text> {
    match object {
        Object::List(list) => list.items().iter().filter(|item| item.is_present()).map(to_text).collect(),
        Object::Bytes(bytes) => bytes.iter().map(|byte| Text::from(byte.to_string())).collect(),
        Object::Nil | Object::Invalid => Vec::new(),
        other => vec![to_text(other)],
    }
}

fn push(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot push on")?;
    let len = list.len();
    list.push(a.any(1).clone());
    count(meter, list.len())?;
    Ok(List::appended(len, list).into())
}

fn prepend(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot prepend on")?;
    list.insert(0, a.any(1).clone());
    count(meter, list.len())?;
    Ok(List::appended(1, list).into())
}

fn first(a: &[Object]) -> Outcome {
    Ok(items(a.any(0), "Cannot find first on")?.into_iter().next().unwrap_or(Object::Nil))
}

fn last(a: &[Object]) -> Outcome {
    Ok(items(a.any(0), "Cannot find last on")?.pop().unwrap_or(Object::Nil))
}

fn rest(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot find rest on")?;
    if list.is_empty() {
        return Ok(List::nil(Element::Any).into());
    }
    list.remove(0);
    made(meter, list)
}

fn initial(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot find initial on")?;
    if list.pop().is_none() {
        return Ok(List::nil(Element::Any).into());
    }
    made(meter, list)
}

fn reverse(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot find reverse on")?;
    list.reverse();
    made(meter, list)
}

fn compact(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot compact on")?;
    list.retain(|item| !empty(item));
    collected(meter, list)
}

fn uniq(meter: &Meter, a: &[Object]) -> Outcome {
    let mut kept: Vec<Object> = Vec::new();
    for item in items(a.any(0), "Cannot find uniq on")? {
        meter.step(kept.len() as u64 / 4)?;
        if !kept.iter().any(|known| deep_equal(known, &item)) {
            kept.push(item);
        }
    }
    collected(meter, kept)
}

fn without(meter: &Meter, a: &[Object]) -> Outcome {
    let mut list = items(a.any(0), "Cannot find without on")?;
    meter.step((list.len() * a.len()) as u64 / 4)?;
    list.retain(|item| !a.rest(1).iter().any(|omitted| deep_equal(omitted, item)));
    collected(meter, list)
}

fn has(a: &[Object]) -> Outcome {
    if !a.any(1).is_present() {
        return Ok(false.into());
    }
    let list = items(a.any(1), "Cannot find has on")?;
    Ok(list.iter().any(|item| deep_equal(a.any(0), item)).into())
}

fn slice(meter: &Meter, a: &[Object]) -> Outcome {
    let len = items(a.any(0), "list should be type of slice or array but")?.len();
    if len == 0 {
        return Ok(Object::Nil);
    }
    let start = a.rest(1).first().map_or(0, to_int);
    let end = a.rest(1).get(1).map_or(len as i64, to_int);
    let part = match (a.any(0), usize::try_from(start), usize::try_from(end)) {
        (Object::List(whole), Ok(from), Ok(to)) => whole.part(from, to).map(Object::List),
        (Object::Bytes(bytes), Ok(from), Ok(to)) => {
            bytes.get(from..to).map(|part| Object::Bytes(part.into()))
        }
        _ => None,
    };
    if let Some(Object::List(part)) = &part {
        count(meter, part.len())?;
    }
    part.ok_or_else(|| "reflect.Value.Slice: slice index out of bounds".into())
}

fn concat(meter: &Meter, a: &[Object]) -> Outcome {
    let mut all = Vec::new();
    for list in a {
        all.extend(items(list, "Cannot concat")?);
        count(meter, all.len())?;
    }
    if all.is_empty() {
        return Ok(List::nil(Element::Any).into());
    }
    collected(meter, all)
}

/// The arithmetic is Sprig's, in floats, so that odd sizes give what Sprig gives.
fn chunk(meter: &Meter, a: &[Object]) -> Outcome {
    let size = a.int(0);
    let list = items(a.any(1), "Cannot chunk")?;
    let len = list.len() as f64;
    let chunks = ((len - 1.0) / size as f64).floor() + 1.0;
    if !(0.0..1e9).contains(&chunks) {
        return Err("runtime error: makeslice: len out of range".into());
    }
    let chunks = chunks as i64;
    count(meter, list.len())?;
    let mut out = Vec::new();
    for at in 0..chunks {
        let mut width = size;
        if at == chunks - 1 {
            width = (len % size as f64).floor() as i64;
            if width == 0 {
                width = size;
            }
        }
        let from = at * size;
        let part = usize::try_from(width)
            .ok()
            .zip(usize::try_from(from).ok())
            .and_then(|(width, from)| list.get(from..from.checked_add(width)?));
        match part {
            Some(part) => out.push(List::new(Element::Any, part.to_vec()).into()),
            None => return Err("runtime error: makeslice: len out of range".into()),
        }
    }
    Ok(List::new(Element::List, out).into())
}

/// Sorts as strings. A `[]string` is sorted in place, as Sprig does it, so that others see it too.
fn sort(meter: &Meter, a: &[Object]) -> Outcome {
    let value = a.any(0);
    if !matches!(value, Object::List(_) | Object::Bytes(_)) {
        return Ok(List::of_text([to_text(value)]).into());
    }
    let Object::List(list) = texts(value) else { return Ok(List::nil(Element::Text).into()) };
    let mut sorted = list.items().to_vec();
    count(meter, sorted.len())?;
    sorted.sort_by(|left, right| left.as_text().cmp(&right.as_text()));
    list.replace(sorted);
    Ok(list.into())
}

/// Sprig's `strslice` as a list: a `[]string` is given back as it is, anything else is copied without its
/// nils.
pub(super) fn texts(object: &Object) -> Object {
    match object {
        Object::List(list) if list.element() == Element::Text => object.clone(),
        Object::List(list) => {
            let texts = to_texts(object).into_iter().map(Object::Text).collect();
            List::with_capacity(Element::Text, list.len(), texts).into()
        }
        other => List::of_text(to_texts(other)).into(),
    }
}
