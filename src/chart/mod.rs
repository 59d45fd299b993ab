//! Helm charts: a pure engine that loads a chart, composes its values, renders its templates and
//! orders the objects that come out, as Helm 4 does.
//!
//! What lives here: everything that turns bytes and values into manifests. Who may use it: `release`,
//! `provider::charts`, `cli`. Laws: no file, network, clock, randomness or cluster is touched except
//! through a trait the caller passes in; the same input gives the same bytes; hostile input ends in an
//! error, never in a panic, a hang or unbounded memory.

pub mod api;
pub mod capabilities;
mod content;
mod fields;
mod functions;
pub mod glob;
pub mod host;
pub mod json;
pub mod lint;
pub mod load;
pub mod manifest;
mod model;
pub mod number;
pub mod render;
pub mod schema;
pub mod semver;
pub mod template;
pub mod toml;
pub mod value;
pub mod values;
pub mod yaml;

pub use content::Content;
pub use fields::WrongType;
pub use model::{Chart, File, Unread};
pub use value::{Object, Value};
