//! A virtual network.

use serde::{Deserialize, Serialize};

use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Resource, Tags, Timing, Visitor};

/// A virtual private cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// The primary IPv4 range.
    pub cidr: ipnet::Ipv4Net,
    /// Whether the Amazon DNS server answers in it.
    pub dns_support: bool,
    /// Whether instances with public addresses get public host names.
    pub dns_hostnames: bool,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a VPC once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for VpcOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for Vpc {
    const KIND: Kind = Kind::Vpc;
    /// CreateVpc takes no client token; tags are set at birth by `TagSpecifications`.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(5, 1, 2);
    type Outputs = VpcOutputs;

    fn visit(&mut self, _: &mut dyn Visitor) {
        let Self { cidr: _, dns_support: _, dns_hostnames: _, tags: _ } = self;
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { cidr, dns_support, dns_hostnames, tags } = self;
        changes.replace("cidr", cidr, &live.cidr);
        changes.update("dns_support", dns_support, &live.dns_support);
        changes.update("dns_hostnames", dns_hostnames, &live.dns_hostnames);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
