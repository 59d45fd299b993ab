//! What EC2 knows of one region.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::subnet::Subnet;
use super::vpc::Vpc;
use crate::world::{Table, Tags};

/// EC2's part of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// VPCs by id.
    pub vpcs: Table<Vpc>,
    /// Subnets by id.
    pub subnets: Table<Subnet>,
    /// Tags by the id of what carries them; nothing without tags has a row.
    pub tags: Table<Tags>,
}

impl State {
    /// True when there is a resource of this kind with this id.
    pub fn has(&self, kind: Kind, id: &str) -> bool {
        match kind {
            Kind::Vpc => self.vpcs.contains(id),
            Kind::Subnet => self.subnets.contains(id),
            _ => false,
        }
    }
}
