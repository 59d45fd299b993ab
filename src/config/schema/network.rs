//! The virtual network.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::items;

/// The virtual network: a VPC with a public and a private subnet in each zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The VPC's range, /16 to /28. Give every environment one of its own, or they can never be connected.
    #[schemars(with = "String", extend("format" = "ipv4-network"))]
    pub cidr: Ipv4Net,
    /// The availability zones, by letter, two to four: `["a", "b"]` in `eu-central-1` is `eu-central-1a` and
    /// `eu-central-1b`. Adding one later moves nothing that stands.
    #[serde(default = "Network::default_zones")]
    #[schemars(length(min = 2, max = 4), transform = items("zone-letter"), extend("uniqueItems" = true))]
    pub zones: Vec<String>,
    /// How private subnets reach the internet.
    #[serde(default)]
    pub nat: Nat,
    /// The subnets with a route from and to the internet, where public load balancers and NAT gateways live.
    #[serde(default)]
    pub public_subnets: SubnetTier,
    /// The subnets without a way in from the internet, where nodes, pods and internal load balancers live.
    #[serde(default)]
    pub private_subnets: SubnetTier,
    /// A gateway endpoint for S3: free of charge, and image layers then do not pass through NAT.
    #[serde(default = "yes")]
    pub s3_endpoint: bool,
    /// AWS services to be reached by an interface endpoint in the private subnets, by the last part of the
    /// endpoint's service name: `["ecr.api", "ecr.dkr", "sts"]`. Each costs per hour and zone.
    #[serde(default)]
    #[schemars(transform = items("endpoint-service"), extend("uniqueItems" = true))]
    pub interface_endpoints: Vec<String>,
    /// A record of the traffic in the VPC.
    #[serde(default)]
    pub flow_logs: FlowLogs,
    /// A VPC that exists already, in place of one of ours. Then nothing of the network is made or changed;
    /// `cidr` tells its range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingNetwork>,
}

pub(super) fn yes() -> bool {
    true
}

impl Network {
    fn default_zones() -> Vec<String> {
        ["a", "b", "c"].map(str::to_owned).to_vec()
    }
}

/// How private subnets reach the internet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nat {
    /// Not at all: only through endpoints.
    None,
    /// Through one gateway for all zones: cheapest, and gone when its zone is.
    #[default]
    Single,
    /// Through a gateway in each zone.
    PerZone,
}

/// The subnets of one tier, one a zone. Without anything set, sizes follow from the VPC's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SubnetTier {
    /// The prefix length of each subnet, 16 to 28. By default the VPC's plus 8 for public and plus 4 for
    /// private subnets (a /16 holds /24 and /20).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 28))]
    pub prefix_length: Option<u8>,
    /// The ranges themselves, one a zone in the order of `zones`, in place of computed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>", transform = items("ipv4-network"))]
    pub cidrs: Option<Vec<Ipv4Net>>,
}

/// A record of the traffic in the VPC, in CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FlowLogs {
    /// Whether it is kept.
    pub enabled: bool,
    /// Which traffic is recorded.
    pub traffic: FlowTraffic,
    /// After how many days records are deleted; one of CloudWatch's values.
    #[schemars(extend("enum" = super::super::format::RETENTION_DAYS))]
    pub retention_days: u32,
}

impl Default for FlowLogs {
    fn default() -> Self {
        Self { enabled: false, traffic: FlowTraffic::All, retention_days: 14 }
    }
}

/// Which traffic a flow log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlowTraffic {
    /// Whatever flows or tries to.
    All,
    /// What security groups and network ACLs let through.
    Accept,
    /// What they refuse.
    Reject,
}

/// A network that exists already and is not ours to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingNetwork {
    /// The VPC's id.
    #[schemars(extend("format" = "vpc-id"))]
    pub vpc: String,
    /// The ids of at least two subnets in two zones for the cluster's nodes and control plane.
    #[schemars(length(min = 2), transform = items("subnet-id"), extend("uniqueItems" = true))]
    pub private_subnets: Vec<String>,
    /// The ids of the subnets for public load balancers; they must carry the tag `kubernetes.io/role/elb`.
    #[serde(default)]
    #[schemars(transform = items("subnet-id"), extend("uniqueItems" = true))]
    pub public_subnets: Vec<String>,
}
