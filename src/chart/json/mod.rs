//! JSON as Go's `encoding/json` writes and reads it.
//!
//! Written: keys in byte order, `<`, `>`, `&`, U+2028 and U+2029 escaped, floats in Go's form. Read:
//! every number a float, the last of equal keys, half surrogates replaced, Go's error texts (templates
//! see them through `fromJson`). Pure; bounded in depth.

mod read;
mod write;

pub use read::{JsonError, read, read_prefix, read_whole};
pub(crate) use write::write_text;
pub use write::{NotJson, write, write_indented, write_raw};
