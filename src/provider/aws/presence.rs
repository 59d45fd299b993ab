//! What is not there is an answer, not a failure.

use crate::provider::{Class, Error};

/// `None` for what is not there.
///
/// # Errors
/// Any other error.
pub(super) fn if_there<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A part of an answer that the service always gives.
///
/// # Errors
/// When it is missing all the same: the answer is not one that can be worked with.
pub(super) fn must<T>(part: Option<T>, operation: &'static str, what: &'static str) -> Result<T, Error> {
    part.ok_or_else(|| Error::local("aws", operation, format!("the answer has no {what}")))
}
