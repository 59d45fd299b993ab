//! A range of a VPC in one availability zone.

use serde::{Deserialize, Serialize};

use super::Vpc;
use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// The VPC it is part of.
    pub vpc: Ref<Vpc>,
    /// The availability zone, by name (`eu-central-1a`).
    pub zone: String,
    /// Its IPv4 range, inside the VPC's.
    pub cidr: ipnet::Ipv4Net,
    /// Whether what starts in it gets a public address.
    pub public_addresses: bool,
    /// Its tags, among them those that tell Kubernetes where load balancers go.
    pub tags: Tags,
}

/// What is known of a subnet once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for SubnetOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for Subnet {
    const KIND: Kind = Kind::Subnet;
    /// CreateSubnet takes no client token; tags are set at birth, and the range is refused a second time.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(3, 1, 2);
    type Outputs = SubnetOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, zone: _, cidr: _, public_addresses: _, tags: _ } = self;
        visitor.reference(vpc);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, zone, cidr, public_addresses, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.replace("zone", zone, &live.zone);
        changes.replace("cidr", cidr, &live.cidr);
        changes.update("public_addresses", public_addresses, &live.public_addresses);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
