//! `eq`, `lt` and deep equality.

use std::cmp::Ordering;

use super::convert::{DEPTH, NODES};
use super::native::Native;
use super::object::{Integer, Object};
use super::stack;

/// What basic kind a value has; only values of one kind compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Complex,
    Signed,
    Unsigned,
    Float,
    Text,
    Other,
}

fn basic(object: &Object) -> Basic {
    match object {
        Object::Bool(_) => Basic::Bool,
        Object::Complex(..) => Basic::Complex,
        Object::Int(integer, _) if integer.is_unsigned() => Basic::Unsigned,
        Object::Int(..) => Basic::Signed,
        Object::Float(_) => Basic::Float,
        Object::Text(_) => Basic::Text,
        _ => Basic::Other,
    }
}

/// An integer of either sign, exactly.
fn whole(object: &Object) -> i128 {
    match object {
        Object::Int(Integer::Uint64, bits) => i128::from(bits.cast_unsigned()),
        Object::Int(_, number) => i128::from(*number),
        _ => 0,
    }
}

/// Go's `eq` of two values.
pub(crate) fn equal(left: &Object, right: &Object) -> Result<bool, String> {
    let (kind, other) = (basic(left), basic(right));
    let integers = |kind| matches!(kind, Basic::Signed | Basic::Unsigned);
    if kind != other {
        if integers(kind) && integers(other) {
            return Ok(whole(left) == whole(right));
        }
        if left.is_present() && right.is_present() {
            return Err("incompatible types for comparison".to_owned());
        }
        return Ok(false);
    }
    match (left, right) {
        (Object::Bool(left), Object::Bool(right)) => Ok(left == right),
        (Object::Complex(a, b), Object::Complex(c, d)) => Ok(a == c && b == d),
        (Object::Int(..), Object::Int(..)) => Ok(whole(left) == whole(right)),
        (Object::Float(left), Object::Float(right)) => Ok(left == right),
        (Object::Text(left), Object::Text(right)) => Ok(left == right),
        _ => other_equal(left, right),
    }
}

/// Whether a value is nil in Go's sense.
fn is_nil(object: &Object) -> bool {
    match object {
        Object::Invalid | Object::Nil => true,
        Object::List(list) => list.is_nil(),
        Object::Map(map) => map.is_nil(),
        _ => false,
    }
}

fn other_equal(left: &Object, right: &Object) -> Result<bool, String> {
    if is_nil(left) || is_nil(right) {
        return Ok(is_nil(left) == is_nil(right));
    }
    let comparable = |object: &Object| matches!(object, Object::Native(_));
    if !comparable(right) {
        return Err(format!("non-comparable types {}, {}", left.go_type(), right.go_type()));
    }
    Ok(match (left, right) {
        (Object::Native(Native::Time(left)), Object::Native(Native::Time(right))) => {
            left.seconds == right.seconds && left.nanos == right.nanos
        }
        (Object::Native(Native::KubeVersion(left, _)), Object::Native(Native::KubeVersion(right, _))) => {
            left == right
        }
        (Object::Native(Native::HelmVersion(left)), Object::Native(Native::HelmVersion(right))) => {
            left == right
        }
        (Object::Native(Native::Certificate(left)), Object::Native(Native::Certificate(right))) => {
            left == right
        }
        (Object::Native(Native::Version(left)), Object::Native(Native::Version(right))) => {
            std::rc::Rc::ptr_eq(left, right)
        }
        (Object::Native(Native::Capabilities(left)), Object::Native(Native::Capabilities(right))) => {
            std::rc::Rc::ptr_eq(left, right)
        }
        _ => false,
    })
}

/// Go's `lt` of two values.
pub(crate) fn less(left: &Object, right: &Object) -> Result<bool, String> {
    let (kind, other) = (basic(left), basic(right));
    if kind == Basic::Other || other == Basic::Other {
        return Err("invalid type for comparison".to_owned());
    }
    let integers = |kind| matches!(kind, Basic::Signed | Basic::Unsigned);
    if integers(kind) && integers(other) {
        return Ok(whole(left) < whole(right));
    }
    match (left, right) {
        _ if kind != other => Err("incompatible types for comparison".to_owned()),
        (Object::Float(left), Object::Float(right)) => Ok(left.partial_cmp(right) == Some(Ordering::Less)),
        (Object::Text(left), Object::Text(right)) => Ok(left < right),
        _ => Err("invalid type for comparison".to_owned()),
    }
}

/// Go's `reflect.DeepEqual`: the same types with the same content.
pub(crate) fn deep_equal(left: &Object, right: &Object) -> bool {
    deep_equal_at(left, right, 0, &mut { NODES })
}

/// Values that nest too deeply or are too large to compare are not equal.
fn deep_equal_at(left: &Object, right: &Object, depth: usize, budget: &mut usize) -> bool {
    *budget = budget.saturating_sub(1);
    if depth > DEPTH || *budget == 0 {
        return false;
    }
    match (left, right) {
        (Object::Invalid | Object::Nil, Object::Invalid | Object::Nil) => true,
        (Object::Bool(left), Object::Bool(right)) => left == right,
        (Object::Int(a, left), Object::Int(b, right)) => a == b && left == right,
        (Object::Float(left), Object::Float(right)) => left == right,
        (Object::Complex(a, b), Object::Complex(c, d)) => a == c && b == d,
        (Object::Text(left), Object::Text(right)) => left == right,
        (Object::Bytes(left), Object::Bytes(right)) => left == right,
        (Object::List(left), Object::List(right)) => {
            let (items, others) = (left.items(), right.items());
            left.element() == right.element()
                && left.is_nil() == right.is_nil()
                && items.len() == others.len()
                && stack::grow(|| {
                    items.iter().zip(others.iter()).all(|(a, b)| deep_equal_at(a, b, depth + 1, budget))
                })
        }
        (Object::Map(left), Object::Map(right)) => {
            if left.is_same(right) && left.shape() == right.shape() {
                return true;
            }
            let (members, others) = (left.members(), right.members());
            left.shape() == right.shape()
                && left.is_nil() == right.is_nil()
                && members.len() == others.len()
                && stack::grow(|| {
                    members
                        .iter()
                        .zip(others.iter())
                        .all(|((key, a), (other, b))| key == other && deep_equal_at(a, b, depth + 1, budget))
                })
        }
        (Object::Native(left), Object::Native(right)) => deep_equal_native(left, right),
        _ => false,
    }
}

fn deep_equal_native(left: &Native, right: &Native) -> bool {
    match (left, right) {
        (Native::Capabilities(left), Native::Capabilities(right)) => left == right,
        (Native::KubeVersion(left, _), Native::KubeVersion(right, _)) => left == right,
        (Native::HelmVersion(left), Native::HelmVersion(right)) => left == right,
        (Native::Certificate(left), Native::Certificate(right)) => left == right,
        (Native::Time(left), Native::Time(right)) => {
            left.seconds == right.seconds && left.nanos == right.nanos
        }
        (Native::Version(left), Native::Version(right)) => {
            left.to_string() == right.to_string() && left.original() == right.original()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::template::{Map, Members, Shape};

    #[test]
    fn integers_of_any_type_compare() {
        assert!(equal(&Object::int(1), &Object::int64(1)).unwrap());
        assert!(equal(&Object::int(1), &Object::uint64(1)).unwrap());
        assert!(less(&Object::int(-1), &Object::uint64(u64::MAX)).unwrap());
        assert!(equal(&Object::int(1), &Object::Float(1.0)).is_err());
        assert!(!equal(&Object::Nil, &Object::Float(1.0)).unwrap());
        assert!(equal(&Object::Nil, &Object::Invalid).unwrap());
    }

    #[test]
    fn deep_equality_sees_types() {
        let plain = Object::Map(Map::any(Members::new()));
        let values = Object::Map(Map::new(Shape::Values, Members::new()));
        assert!(!deep_equal(&plain, &values));
        assert!(!deep_equal(&Object::int(1), &Object::int64(1)));
    }
}
