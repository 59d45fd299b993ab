//! What a cluster gave birth to and its end does not take along.

use serde::{Deserialize, Serialize};

use super::{InternetGateway, SecurityGroup, Subnet, Vpc};
use crate::model::{Address, Changes, Kind, Name, NoOutputs, Recovery, Ref, Resource, Timing, Visitor};

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
    /// The log group that the last logs of a deleted cluster bring back.
    LogGroup,
    /// Whatever the cluster makes after the plan was shown: the clause under which a destroy removes that too.
    Meanwhile,
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
            Self::LogGroup => "log group",
            Self::Meanwhile => "whatever",
        }
    }
}

impl Leftover {
    /// The address under which plans and journals know it: what it is, and its name where that is unique.
    pub fn address(&self) -> Address {
        let name = match self.what {
            LeftoverKind::NetworkInterface | LeftoverKind::SecurityGroup | LeftoverKind::Volume => &self.id,
            _ => &self.name,
        };
        let what = match self.what {
            LeftoverKind::Meanwhile => "meanwhile",
            what => what.as_str(),
        };
        Address::new(Kind::Leftover, Name::from_lossy(&format!("{what}-{name}")))
    }

    /// What it is, whom it served, what it costs and what is lost with it, for people.
    pub fn words(&self) -> String {
        if self.what == LeftoverKind::Meanwhile {
            return format!(
                "and whatever else the cluster {} makes until it is gone; each is told as it is removed",
                self.name
            );
        }
        let told = [
            Some(self.what.as_str().to_owned()),
            (!self.detail.is_empty()).then(|| self.detail.clone()),
            self.cost_a_day.map(|dollars| format!("about ${dollars:.2} a day")),
            self.data_loss.then(|| "its data is lost".to_owned()),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
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
