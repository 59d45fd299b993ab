//! Tags, and the two by which we know what is ours.

use std::collections::BTreeMap;

/// Keys and values, as every AWS service keeps them.
pub type Tags = BTreeMap<String, String>;

/// The tag that names the environment that owns a resource.
pub const ENVIRONMENT_TAG: &str = "platctl:environment";

/// The tag that holds a resource's address: how a create whose answer was lost is found again.
pub const ADDRESS_TAG: &str = "platctl:address";

/// True for keys that AWS reserves (`aws:`): they are never ours to set, compare or remove.
/// See "Tag naming limits and requirements" in the Tagging AWS resources guide.
pub fn is_reserved_tag(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}
