//! The way from a VPC to the internet.

use serde::{Deserialize, Serialize};

use super::Vpc;
use crate::model::{Changes, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// An internet gateway and its attachment, which is an edge that `update` makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// The VPC it is attached to; `None` is seen only of one that was detached.
    pub vpc: Option<Ref<Vpc>>,
    /// Its tags.
    pub tags: Tags,
}

impl Resource for InternetGateway {
    const KIND: Kind = Kind::InternetGateway;
    /// CreateInternetGateway takes no client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(2, 2, 5);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, tags: _ } = self;
        visitor.references(vpc);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, tags } = self;
        match (vpc, &live.vpc) {
            // DeleteVpc is refused while a gateway is attached: one that leaves a VPC goes with it.
            (Some(_), Some(_)) => changes.replace("vpc", vpc, &live.vpc),
            _ => changes.update("vpc", vpc, &live.vpc),
        }
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
