//! `semver` and `semverCompare`.

use std::rc::Rc;

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::semver::{Constraint, Version};
use crate::chart::template::{Native, Object};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("semver", &[Type::Text], |a| {
        Ok(Native::Version(Rc::new(version(&a.text(0).lossy())?)).into())
    }),
    Function::pure("semverCompare", &[Type::Text, Type::Text], compare),
];

/// Reads a version as leniently as Sprig.
pub(super) fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn compare(a: &[Object]) -> Outcome {
    let constraint: Constraint = a.text(0).lossy().parse().map_err(|error| format!("{error}"))?;
    Ok(constraint.matches(&version(&a.text(1).lossy())?).into())
}
