//! Values: how defaults, files, `--set` and the values of charts inside charts come together, as in Helm 4.
//!
//! A chart's values are coalesced from the top: what a parent says for a chart inside it wins, null removes
//! a default, and `global` reaches everyone. Which charts take part is decided by `condition` and `tags`.

mod coalesce;
mod dependencies;
mod error;
mod literal;
mod part;
mod set;
mod shared;
mod source;

pub use dependencies::compose;
pub(crate) use dependencies::is_compatible;
pub use error::{SetError, ValuesError, Warning};
pub use literal::set_literal;
pub use part::Values;
pub use set::{set, set_file, set_json, set_string};
pub use source::{Overrides, merge_over};
