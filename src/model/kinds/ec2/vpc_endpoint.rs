//! Private ways to AWS services.

use serde::{Deserialize, Serialize};

use super::{RouteTable, SecurityGroup, Subnet, Vpc};
use crate::model::{Changes, Document, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// The VPC it is part of.
    pub vpc: Ref<Vpc>,
    /// The service it leads to (`com.amazonaws.eu-central-1.s3`).
    pub service: String,
    /// How it is reached.
    pub reach: Reach,
    /// Who may do what through it; `None` leaves it to the service, which allows everything.
    pub policy: Option<Document>,
    /// Its tags.
    pub tags: Tags,
}

/// How a VPC endpoint is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// By routes in route tables (S3 and DynamoDB only; costs nothing).
    Gateway {
        /// The tables that get the route.
        route_tables: Vec<Ref<RouteTable>>,
    },
    /// By network interfaces with addresses of the VPC (PrivateLink).
    Interface {
        /// The subnets that get an interface, at most one a zone.
        subnets: Vec<Ref<Subnet>>,
        /// Who may reach the interfaces.
        security_groups: Vec<Ref<SecurityGroup>>,
        /// Whether the service's public name leads to the interfaces inside the VPC.
        private_dns: bool,
    },
}

impl Reach {
    /// The word for the sort of endpoint.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Gateway { .. } => "gateway",
            Self::Interface { .. } => "interface",
        }
    }
}

impl Resource for VpcEndpoint {
    const KIND: Kind = Kind::VpcEndpoint;
    /// CreateVpcEndpoint takes a client token.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(60, 20, 60);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, service: _, reach, policy, tags: _ } = self;
        visitor.reference(vpc);
        match reach {
            Reach::Gateway { route_tables } => visitor.references(route_tables),
            Reach::Interface { subnets, security_groups, private_dns: _ } => {
                visitor.references(subnets);
                visitor.references(security_groups);
            }
        }
        if let Some(policy) = policy {
            visitor.document(policy);
        }
    }

    fn sort_sets(&mut self) {
        match &mut self.reach {
            Reach::Gateway { route_tables } => route_tables.sort(),
            Reach::Interface { subnets, security_groups, private_dns: _ } => {
                subnets.sort();
                security_groups.sort();
            }
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, service, reach, policy, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.replace("service", service, &live.service);
        reach.changes(&live.reach, changes);
        if policy.is_some() {
            changes.json_option("policy", policy, &live.policy);
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

impl Reach {
    fn changes(&self, live: &Self, changes: &mut Changes) {
        match (self, live) {
            (Self::Gateway { route_tables }, Self::Gateway { route_tables: live_tables }) => {
                changes.update_set("route_tables", route_tables, live_tables);
            }
            (
                Self::Interface { subnets, security_groups, private_dns },
                Self::Interface {
                    subnets: live_subnets,
                    security_groups: live_groups,
                    private_dns: live_dns,
                },
            ) => {
                changes.update_set("subnets", subnets, live_subnets);
                changes.update_set("security_groups", security_groups, live_groups);
                changes.update("private_dns", private_dns, live_dns);
            }
            (want, live) => changes.replace("reach", &want.word(), &live.word()),
        }
    }
}
