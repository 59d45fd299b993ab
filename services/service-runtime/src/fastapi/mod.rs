//! Errors and request bodies as FastAPI answers and reads them.
//!
//! Lives here: the error shapes (`{"detail": …}`), the reading of JSON bodies
//! with FastAPI's findings for what is malformed, missing or of the wrong type,
//! and the schemas of both for OpenAPI documents. Law: for the same request,
//! status and findings (`loc`, `msg`, `type`, `input`, `ctx`) equal those of
//! FastAPI with Pydantic 2; where FastAPI fails with a 500 (numbers that are
//! not finite or lone surrogates in a rejected body) we answer 422.
//! Sources: fastapi/routing.py, starlette/routing.py, CPython json/decoder.py,
//! Pydantic's "Validation Errors" page.

mod body;
mod content_type;
mod error;
mod json;
mod validation;

pub use body::JsonBody;
pub use error::{ApiError, HttpErrorBody};
pub use json::{Text, Value};
pub use validation::{
    Field, FromJson, HttpValidationErrorBody, Location, ValidationErrorBody, ValidationFinding,
};
