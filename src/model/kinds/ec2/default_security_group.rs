//! The group that every VPC has, locked.

use serde::{Deserialize, Serialize};

use super::{Rule, Vpc};
use crate::model::{Address, Changes, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// The default security group of a VPC. Locked is: no rules, so that nothing that forgot to name a group can
/// talk (CIS AWS Foundations Benchmark, "default security group of every VPC restricts all traffic").
///
/// It is born with its VPC and goes with it, and can never be deleted: `create` puts our tags on it, `delete`
/// takes them off, and one without our tags counts as absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultSecurityGroup {
    /// Whose default group.
    pub vpc: Ref<Vpc>,
    /// What may come in; nothing, when it is locked.
    pub ingress: Vec<Rule>,
    /// What may go out; nothing, when it is locked.
    pub egress: Vec<Rule>,
    /// Its tags.
    pub tags: Tags,
}

impl DefaultSecurityGroup {
    /// The one without rules.
    pub fn locked(vpc: Ref<Vpc>, tags: Tags) -> Self {
        Self { vpc, ingress: Vec::new(), egress: Vec::new(), tags }
    }
}

impl Resource for DefaultSecurityGroup {
    const KIND: Kind = Kind::DefaultSecurityGroup;
    /// It exists with the VPC: describing it shows it, tagging it again changes nothing.
    const RECOVERY: Recovery = Recovery::Edge;
    const TIMING: Timing = Timing::seconds(2, 2, 1);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, ingress: _, egress: _, tags: _ } = self;
        visitor.reference(vpc);
    }

    fn sort_sets(&mut self) {
        self.ingress.sort_by_cached_key(Rule::key);
        self.egress.sort_by_cached_key(Rule::key);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, ingress, egress, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.entries("ingress", &Rule::by_key(ingress), &Rule::by_key(&live.ingress));
        changes.entries("egress", &Rule::by_key(egress), &Rule::by_key(&live.egress));
        changes.tags(tags, &live.tags);
    }

    fn parent(&self) -> Option<Address> {
        self.vpc.address()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
