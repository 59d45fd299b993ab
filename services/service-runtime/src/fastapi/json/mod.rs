//! JSON as Python's `json.loads` reads it from bytes: several encodings, `NaN`,
//! lone surrogates, the last of equal keys, and its words for what is wrong.
//! Used only for bodies that a strict parser does not accept, so speed is not
//! its aim.

mod decode;
mod parse;
mod value;

pub(super) use parse::{JsonError, loads};
pub(super) use value::push_list;
pub use value::{Text, Value};
