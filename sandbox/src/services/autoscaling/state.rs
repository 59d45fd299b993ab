//! What Auto Scaling knows of one region.

use serde::{Deserialize, Serialize};

use super::group::Group;
use crate::world::Table;

/// Auto Scaling's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Groups by name.
    pub groups: Table<Group>,
}
