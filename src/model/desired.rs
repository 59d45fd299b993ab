//! What an environment should be: every resource by its address.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Address, Spec};

/// Everything that an environment consists of. Made by the blueprint, compared with reality by the planner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Desired {
    /// The environment's name, the value of every ownership tag.
    pub environment: String,
    /// Whether destroying it is refused.
    pub protect: bool,
    /// What stands in it.
    pub resources: BTreeMap<Address, Spec>,
}

impl Desired {
    /// The references that point at nothing: who refers, and to what. Empty for whatever the blueprint makes.
    pub fn dangling(&self) -> Vec<(Address, Address)> {
        let mut dangling = Vec::new();
        for (address, spec) in &self.resources {
            let missing = spec.refs().into_iter().filter(|target| !self.resources.contains_key(target));
            dangling.extend(missing.map(|target| (address.clone(), target)));
        }
        dangling
    }
}
