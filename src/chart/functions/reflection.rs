//! Sprig's questions about types.

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Object, deep_equal};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("typeOf", &[Type::Any], |a| Ok(a.any(0).go_type().into())),
    Function::pure("typeIs", &[Type::Text, Type::Any], |a| Ok(a.text(0).is(a.any(1).go_type()).into())),
    Function::pure("typeIsLike", &[Type::Text, Type::Any], type_is_like),
    Function::pure("kindOf", &[Type::Any], |a| Ok(a.any(0).kind().into())),
    Function::pure("kindIs", &[Type::Text, Type::Any], |a| Ok(a.text(0).is(a.any(1).kind()).into())),
    Function::pure("deepEqual", &[Type::Any, Type::Any], |a| Ok(deep_equal(a.any(0), a.any(1)).into())),
];

fn type_is_like(a: &[Object]) -> Outcome {
    let found = a.any(1).go_type();
    let wanted = a.text(0);
    Ok((wanted.is(found) || found.strip_prefix('*').is_some_and(|inner| wanted.is(inner))).into())
}
