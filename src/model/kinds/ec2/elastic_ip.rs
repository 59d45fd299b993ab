//! A public address of our own.

use serde::{Deserialize, Serialize};

use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Resource, Tags, Timing, Visitor};

/// An elastic IP address of Amazon's pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIp {
    /// Its tags.
    pub tags: Tags,
}

/// What is known of an address once it is allocated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIpOutputs {
    /// The address (`203.0.113.7`).
    pub address: String,
}

impl OutputsOf for ElasticIpOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Address).then_some(self.address.as_str())
    }
}

impl Resource for ElasticIp {
    const KIND: Kind = Kind::ElasticIp;
    /// AllocateAddress takes no client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(2, 1, 2);
    type Outputs = ElasticIpOutputs;

    fn visit(&mut self, _: &mut dyn Visitor) {
        let Self { tags: _ } = self;
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { tags } = self;
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
