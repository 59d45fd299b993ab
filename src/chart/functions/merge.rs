//! Merging of dictionaries, as the `mergo` library does it for `merge` and `mergeOverwrite`.

use crate::chart::template::{Element, Fault, List, Map, Meter, Object, grow_stack};

/// Merges `source` into `target`, in place and deeply.
///
/// Without `overwrite`, a member of the target stays unless it is empty (zero, false and `""` count); with
/// it, the source wins, except that maps are merged. Members taken over are shared with the source.
pub(super) fn merge(
    meter: &Meter,
    target: &Map,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), Fault> {
    if depth > 1_000 {
        return Err("the dictionaries contain themselves or nest too deeply to be merged".into());
    }
    let members: Vec<_> = source.members().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, value) in members {
        meter.step(1)?;
        if !value.is_present() {
            if overwrite {
                target.insert(key, Object::Nil);
            }
            continue;
        }
        let mut current = target.get_bytes(key.as_bytes());
        match (&value, &current) {
            (Object::Map(inner), Some(Object::Map(known))) if !known.is_nil() => {
                grow_stack(|| merge(meter, known, inner, overwrite, depth + 1))?;
            }
            (Object::List(_) | Object::Bytes(_), _) => {
                let take = overwrite || target.is_empty();
                let slice = match &current {
                    _ if take => value.clone(),
                    Some(known) if known.is_present() => known.clone(),
                    _ => List::new(Element::Any, Vec::new()).into(),
                };
                target.insert(key.clone(), slice);
            }
            _ => {}
        }
        if let Some(known) = current.as_ref().filter(|known| !is_empty(known)) {
            let slice = matches!(value, Object::List(_) | Object::Bytes(_));
            if slice || matches!((&value, known), (Object::Map(_), Object::Map(_))) {
                continue;
            }
        }
        if overwrite || current.take().is_none_or(|known| is_empty(&known)) {
            target.insert(key, value);
        }
    }
    Ok(())
}

/// What `mergo` calls empty.
fn is_empty(object: &Object) -> bool {
    !matches!(object, Object::Native(_)) && !object.truth()
}
