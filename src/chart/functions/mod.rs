//! The functions of templates: Go's own, Sprig's as Helm ships them, and Helm's.
//!
//! Who may use it: `chart::template`, whose parser looks functions up and whose evaluator calls them.
//! Laws: a function sees only its arguments, the meter and, through the engine, the host; it returns a
//! fault where Go would return an error or panic; it never panics.

mod builtins;
mod case;
mod cast;
mod certificates;
mod control;
mod crypto;
mod data;
mod dates;
mod decimal;
mod decoding;
mod defaults;
mod der;
mod dictionaries;
mod encoding;
mod files;
mod glob;
mod keys;
pub(crate) mod layout;
mod lists;
mod mathematics;
mod merge;
mod methods;
mod paths;
mod random;
mod reflection;
mod regexes;
mod registry;
mod regular;
mod regular_class;
mod signature;
mod strings;
mod times;
mod urls;
mod versions;
mod words;
mod wrap;

pub(crate) use methods::method;
pub(crate) use registry::{find, nearest};
pub(crate) use signature::{Function, Run, Type};
