//! Errors of images and registries as people read them.

use crate::cli::{CREDENTIALS, FAILED, USAGE};
use crate::image::Error;
use crate::provider::registry::RegistryError;
use crate::ui::Problem;

pub(super) fn image_problem(error: &Error) -> Problem {
    let code = match error {
        Error::NoPackage { .. } | Error::Binary { .. } | Error::SeveralPlatforms { .. } => USAGE,
        _ => FAILED,
    };
    with_hint(Problem::from_error(code, error), error.hint())
}

pub(super) fn registry_problem(error: &RegistryError) -> Problem {
    let code = match error {
        RegistryError::Denied { .. } | RegistryError::Credentials(_) => CREDENTIALS,
        RegistryError::Reference { .. } => USAGE,
        _ => FAILED,
    };
    with_hint(Problem::from_error(code, error), error.hint())
}

fn with_hint(problem: Problem, hint: Option<String>) -> Problem {
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}
