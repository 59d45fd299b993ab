//! Go's `text/template`, as Helm uses it, from source to text.
//!
//! Who may use it: `chart` (which prepares the root objects) and its functions. Laws: the same templates,
//! objects and host answers give the same bytes; every failure names the place; depth, steps, output and
//! memory are bounded, and nothing panics whatever the source says.

mod bounds;
mod code;
mod collection;
mod compare;
mod convert;
mod engine;
mod error;
mod evaluate;
mod execute;
mod field;
mod float;
mod format;
mod growth;
mod lexer;
mod lines;
mod list;
mod native;
mod node;
mod number;
mod object;
mod parser;
mod parser_pipeline;
mod scope;
mod stack;
mod text;
mod time;
mod unquote;

pub use bounds::Bounds;
pub use collection::{Map, Shape};
pub use engine::{Engine, Options};
pub use error::{Error, ErrorKind, Frame};
pub use lines::Lines;
pub use list::{Element, List};
pub use native::{Capabilities, Certificate, HelmVersion, KubeVersion, Native};
pub use object::{Integer, Object};
pub use text::{Text, lossy};
pub use time::Time;

pub(crate) use bounds::Meter;
pub(crate) use collection::Members;
pub(crate) use compare::{deep_equal, equal, less};
pub(crate) use error::Fault;
pub(crate) use execute::Execution;
pub(crate) use float::{parse_float, power_of_ten};
pub(crate) use format::{is_print, quote, sprint, sprintf, sprintln, to_text};
pub(crate) use number::parse_int;
pub(crate) use stack::grow as grow_stack;
pub(crate) use text::{Runes, decode};
pub(crate) use time::{
    LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME, Zone, days_of, duration_text, month_name, weekday_name,
};
