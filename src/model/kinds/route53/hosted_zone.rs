//! A domain whose names we answer for.

use serde::{Deserialize, Serialize};

use crate::model::kinds::ec2::Vpc;
use crate::model::{
    Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Timing, Visitor,
};

/// A hosted zone: private to the VPCs it is associated with, or public when it names none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// The domain, lower-case, without the final dot (`backend.internal`).
    pub name: String,
    /// The VPCs (of the provider's region) in which a private zone answers; empty for a public one. Which of
    /// the two a zone is, is set at birth.
    pub vpcs: Vec<Ref<Vpc>>,
    /// What it is for; empty for nothing.
    pub comment: String,
    /// Whether deleting it deletes records in it that we did not make. Only `delete` reads it.
    pub empty_on_delete: bool,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a hosted zone once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZoneOutputs {
    /// The ARN.
    pub arn: String,
    /// The domain.
    pub name: String,
}

impl OutputsOf for HostedZoneOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        // The name is no key by which it is known: any number of zones can share one.
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Host => Some(&self.name),
            _ => None,
        }
    }
}

impl Resource for HostedZone {
    const KIND: Kind = Kind::HostedZone;
    /// CreateHostedZone refuses a `CallerReference` a second time, for as long as the zone is there: a create
    /// that is repeated with the journal's token finds by listing the zone that has it. Tags come after birth;
    /// until then the start of the reference says whose zone it is.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(3, 3, 3);
    type Outputs = HostedZoneOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, vpcs, comment: _, empty_on_delete: _, tags: _ } = self;
        visitor.references(vpcs);
    }

    fn sort_sets(&mut self) {
        self.vpcs.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, vpcs, comment, empty_on_delete: _, tags } = self;
        changes.replace("name", name, &live.name);
        if vpcs.is_empty() == live.vpcs.is_empty() {
            changes.update_set("vpcs", vpcs, &live.vpcs);
        } else {
            changes.push("vpcs", Shown::of(&live.vpcs), Shown::of(vpcs), Effect::Replace);
        }
        changes.update("comment", comment, &live.comment);
        changes.tags(tags, &live.tags);
    }

    fn dispose_as(&mut self, wanted: &Self) {
        self.empty_on_delete = wanted.empty_on_delete;
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
