//! The ways of changing an object by a patch, apart from apply.

mod json;
mod merge;
mod strategic;

pub(super) use json::json_patch;
pub(super) use merge::merge_patch;
pub(super) use strategic::strategic_merge;
