//! Groups of nodes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::items;
use super::network::yes;

/// A managed group of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeGroup {
    /// Its name.
    #[schemars(extend("format" = "node-group-name"))]
    pub name: String,
    /// False leaves an inherited group out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The instance types, in order of preference, all of one architecture. Name several for spot capacity.
    #[schemars(length(min = 1, max = 20), transform = items("instance-type"), extend("uniqueItems" = true))]
    pub instance_types: Vec<String>,
    /// How the instances are bought.
    #[serde(default)]
    pub capacity: Capacity,
    /// The least number of nodes.
    #[serde(default = "one")]
    #[schemars(range(max = 450))]
    pub min: u32,
    /// The greatest number of nodes.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 450))]
    pub max: u32,
    /// How many nodes there are, without the cluster autoscaler; `min` when it is not set. With the autoscaler a
    /// group starts with `min`, and the number is its business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 450))]
    pub desired: Option<u32>,
    /// The size of each node's disk, in GiB; encrypted gp3.
    #[serde(default = "fifty")]
    #[schemars(range(min = 20, max = 16384))]
    pub disk_gib: u32,
    /// The operating system; Amazon Linux 2023 for the types' architecture when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ami_type: Option<AmiType>,
    /// The Kubernetes version of the nodes; the cluster's when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "kubernetes-version"))]
    pub version: Option<String>,
    /// The subnets that the nodes live in.
    #[serde(default)]
    pub subnets: SubnetKind,
    /// The zones that the nodes live in, by letter; all of the network's when it is empty.
    #[serde(default)]
    #[schemars(transform = items("zone-letter"), extend("uniqueItems" = true))]
    pub zones: Vec<String>,
    /// Kubernetes labels of the nodes.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Kubernetes taints of the nodes.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// How many nodes may be replaced at once during an update.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub max_unavailable: u32,
}

fn one() -> u32 {
    1
}
fn three() -> u32 {
    3
}
fn fifty() -> u32 {
    50
}

impl NodeGroup {
    /// How many nodes there are, as long as nobody scales them.
    pub fn fixed_size(&self) -> u32 {
        self.desired.unwrap_or(self.min)
    }
}

/// How instances are bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// At the full price, for as long as wanted.
    #[default]
    OnDemand,
    /// Much cheaper, and taken away with two minutes' notice.
    Spot,
}

/// The operating system of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AmiType {
    /// Amazon Linux 2023 on x86-64.
    #[serde(rename = "AL2023_x86_64_STANDARD")]
    AmazonLinuxX86,
    /// Amazon Linux 2023 on Graviton.
    #[serde(rename = "AL2023_ARM_64_STANDARD")]
    AmazonLinuxArm,
    /// Bottlerocket on x86-64.
    #[serde(rename = "BOTTLEROCKET_x86_64")]
    BottlerocketX86,
    /// Bottlerocket on Graviton.
    #[serde(rename = "BOTTLEROCKET_ARM_64")]
    BottlerocketArm,
}

impl AmiType {
    /// The word of the EKS API.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::AmazonLinuxX86 => "AL2023_x86_64_STANDARD",
            Self::AmazonLinuxArm => "AL2023_ARM_64_STANDARD",
            Self::BottlerocketX86 => "BOTTLEROCKET_x86_64",
            Self::BottlerocketArm => "BOTTLEROCKET_ARM_64",
        }
    }

    /// True for Graviton.
    pub fn is_arm(self) -> bool {
        matches!(self, Self::AmazonLinuxArm | Self::BottlerocketArm)
    }

    /// The device that holds a node's data: Bottlerocket keeps its system apart on the first one.
    /// ("Amazon EC2 AMIs for Bottlerocket", EKS User Guide.)
    pub fn data_device(self) -> &'static str {
        match self {
            Self::AmazonLinuxX86 | Self::AmazonLinuxArm => "/dev/xvda",
            Self::BottlerocketX86 | Self::BottlerocketArm => "/dev/xvdb",
        }
    }
}

/// One of the two tiers of subnets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubnetKind {
    /// Without a way in from the internet.
    #[default]
    Private,
    /// With public addresses.
    Public,
}

/// A Kubernetes taint: keeps away pods that do not tolerate it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Its key.
    #[schemars(extend("format" = "label-key"))]
    pub key: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(extend("format" = "label-value"))]
    pub value: String,
    /// What it does.
    pub effect: TaintEffect,
}

/// What a taint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaintEffect {
    /// No pod is placed here.
    NoSchedule,
    /// Pods that run here are sent away too.
    NoExecute,
    /// Pods are placed elsewhere where possible.
    PreferNoSchedule,
}

impl TaintEffect {
    /// The word of the EKS API.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::NoSchedule => "NO_SCHEDULE",
            Self::NoExecute => "NO_EXECUTE",
            Self::PreferNoSchedule => "PREFER_NO_SCHEDULE",
        }
    }
}

/// True for instance types with a Graviton processor: the letter `g` after the generation, as in `m7g` or
/// `c6gn`, and the first generation, `a1`. ("Amazon EC2 instance type naming conventions".)
pub fn is_arm(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let options = family.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let options = options.trim_start_matches(|c: char| c.is_ascii_digit());
    family == "a1" || options.starts_with('g')
}
