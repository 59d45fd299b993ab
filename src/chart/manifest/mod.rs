//! What comes out: rendered files cut into objects, hooks told apart, everything in Helm's install order.

mod order;
mod sort;
mod split;

pub use order::{INSTALL_ORDER, rank};
pub(in crate::chart) use sort::sort_with_lines;
pub use sort::{DeletePolicy, Hook, HookEvent, ManifestError, Object, OutputLogPolicy, Sorted, sort};
pub use split::{Document, split};
