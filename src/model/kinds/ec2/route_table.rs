//! Where traffic that leaves a subnet goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{InternetGateway, NatGateway, Subnet, Vpc};
use crate::model::{Changes, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A route table with its routes and the subnets that use it.
///
/// Routes that others put there by their own means are not part of it: the VPC's own range (`local`), those of
/// gateway endpoints, and those that a virtual private gateway propagates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The VPC it is part of.
    pub vpc: Ref<Vpc>,
    /// The way to each destination: an IPv4 or IPv6 range, or a prefix list (`pl-…`), in AWS's spelling
    /// (`0.0.0.0/0`, `::/0`).
    pub routes: BTreeMap<String, RouteTarget>,
    /// The subnets that use it, each of which uses no other.
    pub subnets: Vec<Ref<Subnet>>,
    /// Its tags.
    pub tags: Tags,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteTarget {
    /// To the internet, both ways.
    InternetGateway(Ref<InternetGateway>),
    /// Out by a NAT gateway.
    NatGateway(Ref<NatGateway>),
    /// Something that exists, by its id: `tgw-…`, `pcx-…`, `eni-…`, `vgw-…`, `vpce-…`, `eigw-…`, `lgw-…`,
    /// `cagw-…`, `i-…` (only seen, never to be wanted: AWS shows it as a network interface too) or an ARN of
    /// a core network.
    Other(String),
}

impl Resource for RouteTable {
    const KIND: Kind = Kind::RouteTable;
    /// CreateRouteTable takes a client token.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(3, 3, 3);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, routes, subnets, tags: _ } = self;
        visitor.reference(vpc);
        for target in routes.values_mut() {
            match target {
                RouteTarget::InternetGateway(gateway) => visitor.reference(gateway),
                RouteTarget::NatGateway(gateway) => visitor.reference(gateway),
                RouteTarget::Other(_) => {}
            }
        }
        visitor.references(subnets);
    }

    fn sort_sets(&mut self) {
        self.subnets.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, routes, subnets, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.entries("routes", routes, &live.routes);
        changes.update_set("subnets", subnets, &live.subnets);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
