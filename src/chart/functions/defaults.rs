//! Sprig's defaults: `default`, `coalesce`, `ternary` and what "empty" means.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Native, Object};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("default", &[Type::Any], default).and_more(Type::Any),
    Function::pure("empty", &[Type::Any], |a| Ok(empty(a.any(0)).into())),
    Function::pure("coalesce", &[], coalesce).and_more(Type::Any),
    Function::pure("all", &[], |a| Ok((!a.iter().any(empty)).into())).and_more(Type::Any),
    Function::pure("any", &[], |a| Ok((!a.iter().all(empty)).into())).and_more(Type::Any),
    Function::pure("ternary", &[Type::Any, Type::Any, Type::Bool], ternary),
    Function::pure("hello", &[], |_| Ok("Hello!".into())),
];

/// Sprig's `empty`: zero of its type; a structure never is.
pub(super) fn empty(object: &Object) -> bool {
    !matches!(object, Object::Native(Native::Version(_))) && !object.truth()
}

fn default(a: &[Object]) -> Outcome {
    let given = a.rest(1).first().filter(|given| !empty(given));
    Ok(given.unwrap_or(a.any(0)).clone())
}

fn coalesce(a: &[Object]) -> Outcome {
    Ok(a.iter().find(|value| !empty(value)).cloned().unwrap_or(Object::Nil))
}

fn ternary(a: &[Object]) -> Outcome {
    Ok(a.any(usize::from(!a.truth(2))).clone())
}
