//! Go's `fmt`: `print`, `println`, `printf` and the printing of values, verb by verb.
//!
//! Templates and the functions below `chart` use it. Law: for every value a template can hold, the text is
//! Go's, including what it says of a verb that does not fit.

mod float;
mod integer;
mod printer;
mod printf;
mod quote;
mod value;

pub(crate) use printer::{sprint, sprintln, to_text, write_printed};
pub(crate) use printf::sprintf;
pub(crate) use quote::{is_print, quote};
