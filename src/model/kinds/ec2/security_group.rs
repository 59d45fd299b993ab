//! Who may talk to whom: groups with the rules that name ranges or the group itself.

use serde::{Deserialize, Serialize};

use super::{Rule, Vpc};
use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A security group and its rules, except those that name another group: these are [`super::SecurityGroupRule`].
///
/// AWS gives a new group one egress rule, everything to everywhere; it stays only where `egress` has it. Rules
/// that a Kubernetes load balancer controller wrote (told by their description) are its own, not part of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// The VPC it is part of.
    pub vpc: Ref<Vpc>,
    /// Its name, unique in the VPC.
    pub name: String,
    /// What it is for; AWS wants one.
    pub description: String,
    /// What may come in.
    pub ingress: Vec<Rule>,
    /// What may go out.
    pub egress: Vec<Rule>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a security group once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for SecurityGroupOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for SecurityGroup {
    const KIND: Kind = Kind::SecurityGroup;
    /// CreateSecurityGroup takes no client token; tags are set at birth, and the name is refused a second time.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(3, 2, 3);
    type Outputs = SecurityGroupOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, name: _, description: _, ingress: _, egress: _, tags: _ } = self;
        visitor.reference(vpc);
    }

    fn sort_sets(&mut self) {
        self.ingress.sort_by_cached_key(Rule::key);
        self.egress.sort_by_cached_key(Rule::key);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, name, description, ingress, egress, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.replace("name", name, &live.name);
        changes.replace("description", description, &live.description);
        changes.entries("ingress", &Rule::by_key(ingress), &Rule::by_key(&live.ingress));
        changes.entries("egress", &Rule::by_key(egress), &Rule::by_key(&live.egress));
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
