//! What the service knows of one region.

use serde::{Deserialize, Serialize};

use super::balancer::Balancer;
use crate::world::Table;

/// The service's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Load balancers by name.
    pub balancers: Table<Balancer>,
    /// Interfaces of load balancers that are gone, until they go too: by what their removal goes by.
    pub leaving: Table<Vec<String>>,
}
