//! The way out of private subnets.

use serde::{Deserialize, Serialize};

use super::{ElasticIp, InternetGateway, Subnet};
use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// The subnet it stands in: a public one, when it leads to the internet.
    pub subnet: Ref<Subnet>,
    /// Its public address; `None` makes a private NAT gateway, which leads to other networks only.
    pub address: Option<Ref<ElasticIp>>,
    /// The internet gateway that must be attached before a public one is made. For the order only: it is no
    /// property of the NAT gateway, and not compared.
    pub internet_gateway: Option<Ref<InternetGateway>>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a NAT gateway once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGatewayOutputs {
    /// Its public address, of a public one.
    pub address: Option<String>,
}

impl OutputsOf for NatGatewayOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        self.address.as_deref().filter(|_| attribute == Attribute::Address)
    }
}

impl Resource for NatGateway {
    const KIND: Kind = Kind::NatGateway;
    /// CreateNatGateway takes a client token.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(105, 1, 60);
    type Outputs = NatGatewayOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { subnet, address, internet_gateway, tags: _ } = self;
        visitor.reference(subnet);
        visitor.references(address);
        visitor.references(internet_gateway);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { subnet, address, internet_gateway: _, tags } = self;
        changes.replace("subnet", subnet, &live.subnet);
        changes.replace("address", address, &live.address);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
