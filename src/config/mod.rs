//! Configuration: from the files of `environments/` to a checked [`Platform`], and every finding on the way.
//!
//! The steps, each in its file: `load` reads a file and those it extends; `tree` keeps every value with the
//! place where it was written; `layer` lays files over one another; `check` holds the result against the JSON
//! Schema made from the types in `schema`; `validate` finds what no schema can. Nothing stops at the first
//! finding, and each is told with file, line, column, a caret and a hint (`finding`, `report`).
//!
//! May use `model`, and of `chart` (which is pure) the reader of values files. Never async, SDKs or the process environment; only `load` and `template` touch the disk.
//! Laws: layering is associative and keeps the place of every value; whatever the bytes of a file, loading
//! ends in a platform or in findings that name a place in a file; what passes the checks deserializes.

mod check;
mod finding;
mod format;
mod json_schema;
mod layer;
mod load;
mod markdown;
mod origin;
mod place;
mod report;
pub mod schema;
pub mod subnets;
mod suggest;
mod template;
mod tree;
mod validate;

pub use finding::{Finding, Findings, Severity};
pub use json_schema::json_schema;
pub use load::{Files, Folder, Loaded, Memory, NO_PACKAGE, Platform, environments, load, load_all};
pub use markdown::reference;
pub use origin::{Effective, Line, Origins, effective};
pub use place::{Path, Place, Position, Segment, Sources};
pub use report::Style;
pub use template::{Template, TemplateError, templates, write_templates};
