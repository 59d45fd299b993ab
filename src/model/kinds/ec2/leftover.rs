//! What a cluster gave birth to and its end does not take along.

use serde::{Deserialize, Serialize};

use super::{InternetGateway, SecurityGroup, Subnet, Vpc};
use crate::model::{Changes, Kind, NoOutputs, Recovery, Ref, Resource, Timing, Visitor};

/// Something that controllers inside a cluster made in the account (a load balancer for a Service, a volume for
/// a claim), to be deleted when the environment goes. Never wanted, so never created and never compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leftover {
    /// What it is.
    pub what: LeftoverKind,
    /// By what it is deleted: an id, an ARN, or the name of a classic load balancer.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// More for people: a size, a state, whom it served.
    pub detail: String,
    /// Whether deleting it loses data.
    pub data_loss: bool,
    /// What it costs a day in US dollars: an estimate from list prices, `None` where it costs nothing.
    pub cost_a_day: Option<f64>,
    /// The VPC that cannot go before it. For the order only, like the rest.
    pub vpc: Option<Ref<Vpc>>,
    /// The subnets that it may have interfaces in.
    pub subnets: Vec<Ref<Subnet>>,
    /// The groups that it may use.
    pub security_groups: Vec<Ref<SecurityGroup>>,
    /// The gateway that cannot be detached while it has public addresses.
    pub internet_gateway: Option<Ref<InternetGateway>>,
}

/// The kinds of leftovers, in the order in which they can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftoverKind {
    /// An application, network or gateway load balancer.
    LoadBalancer,
    /// A load balancer of the first generation.
    ClassicLoadBalancer,
    /// A target group.
    TargetGroup,
    /// A network interface that nothing uses any more.
    NetworkInterface,
    /// A security group.
    SecurityGroup,
    /// A volume, with its data.
    Volume,
}

impl LeftoverKind {
    /// The words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoadBalancer => "load balancer",
            Self::ClassicLoadBalancer => "classic load balancer",
            Self::TargetGroup => "target group",
            Self::NetworkInterface => "network interface",
            Self::SecurityGroup => "security group",
            Self::Volume => "volume",
        }
    }
}

impl Resource for Leftover {
    const KIND: Kind = Kind::Leftover;
    /// It is never created; it is found by describing what the cluster made.
    const RECOVERY: Recovery = Recovery::Edge;
    const TIMING: Timing = Timing::seconds(1, 1, 60);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            what: _,
            id: _,
            name: _,
            detail: _,
            data_loss: _,
            cost_a_day: _,
            vpc,
            subnets,
            security_groups,
            internet_gateway,
        } = self;
        visitor.references(vpc);
        visitor.references(subnets);
        visitor.references(security_groups);
        visitor.references(internet_gateway);
    }

    fn changes(&self, _: &Self, _: &mut Changes) {}
}
