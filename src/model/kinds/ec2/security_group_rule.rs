//! A rule that names another group: a thing of its own, so that two groups may name each other.

use serde::{Deserialize, Serialize};

use super::{SecurityGroup, Traffic};
use crate::model::{Address, Changes, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// One rule between two security groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// The group that has the rule.
    pub group: Ref<SecurityGroup>,
    /// Which way the traffic goes, seen from the group.
    pub direction: Direction,
    /// What kind of traffic.
    pub traffic: Traffic,
    /// The group at the other end.
    pub peer: Ref<SecurityGroup>,
    /// Why it is there; empty for none.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
}

/// Which way traffic goes, seen from a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the members of the group.
    Ingress,
    /// From the members of the group.
    Egress,
}

impl Resource for SecurityGroupRule {
    const KIND: Kind = Kind::SecurityGroupRule;
    /// A second one of the same groups, direction and traffic is refused (`InvalidPermission.Duplicate`), and
    /// the first is found by describing the group's rules.
    const RECOVERY: Recovery = Recovery::Edge;
    const TIMING: Timing = Timing::seconds(1, 1, 1);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { group, direction: _, traffic: _, peer, description: _, tags: _ } = self;
        visitor.reference(group);
        visitor.reference(peer);
    }

    // AWS can change traffic and peer of a rule in place (ModifySecurityGroupRules), group and direction never.
    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { group, direction, traffic, peer, description, tags } = self;
        changes.replace("group", group, &live.group);
        changes.replace("direction", direction, &live.direction);
        changes.update("traffic", traffic, &live.traffic);
        changes.update("peer", peer, &live.peer);
        changes.update("description", description, &live.description);
        changes.tags(tags, &live.tags);
    }

    fn parent(&self) -> Option<Address> {
        self.group.address()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
