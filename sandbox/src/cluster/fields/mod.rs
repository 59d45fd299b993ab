//! Who owns which fields of an object: server-side apply and what goes with it.
//!
//! The rules are those of structured-merge-diff; fields are kept in the form of `FieldsV1`.
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

mod apply;
mod compare;
mod managers;
mod merge;
mod schema;
mod set;
#[cfg(test)]
mod tests;

pub(super) use apply::{Applied, apply, update};
pub(super) use managers::Manager;
pub(super) use schema::{Cursor, Shape};
