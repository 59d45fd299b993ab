//! The Kubernetes cluster.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::NodeGroup;
use super::items;
use super::network::yes;

/// The Kubernetes cluster: Amazon EKS, named `ENVIRONMENT-eks`, or one that exists already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// The Kubernetes version. Upgrades go one minor version at a time.
    #[schemars(extend("format" = "kubernetes-version"))]
    pub version: String,
    /// How the Kubernetes API is reached.
    pub endpoint: ClusterEndpoint,
    /// The control plane's own logs.
    pub logs: ClusterLogs,
    /// Envelope encryption of Kubernetes secrets by KMS. It cannot be undone on a running cluster.
    pub secrets_encryption: SecretsEncryption,
    /// What happens when the version's standard support ends.
    pub support: SupportType,
    /// How people and nodes are let in.
    pub authentication_mode: AuthenticationMode,
    /// Whether whoever creates the cluster becomes its administrator.
    pub creator_is_administrator: bool,
    /// The range of Kubernetes services, /12 to /24, apart from the VPC's; left to AWS when it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "ipv4-network"))]
    pub service_cidr: Option<Ipv4Net>,
    /// An IAM role that exists already, for the control plane, in place of one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "iam-role-arn"))]
    pub role_arn: Option<String>,
    /// An IAM role that exists already, for the nodes, in place of one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "iam-role-arn"))]
    pub node_role_arn: Option<String>,
    /// Who may use the cluster. Merged by `name` with inherited ones.
    pub access_entries: Vec<AccessEntry>,
    /// EKS add-ons. Merged by `name` with the built-in list: vpc-cni, kube-proxy, eks-pod-identity-agent,
    /// coredns, aws-ebs-csi-driver and metrics-server.
    pub addons: Vec<Addon>,
    /// The groups of nodes. Merged by `name` with inherited ones.
    pub node_groups: Vec<NodeGroup>,
    /// A cluster that exists already, in place of EKS: nothing in AWS is made for it, and no network either. Image
    /// repositories and, in a VPC named by `network.existing`, the private zone remain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingCluster>,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            version: "1.33".to_owned(),
            endpoint: ClusterEndpoint::default(),
            logs: ClusterLogs::default(),
            secrets_encryption: SecretsEncryption::default(),
            support: SupportType::Standard,
            authentication_mode: AuthenticationMode::ApiAndConfigMap,
            creator_is_administrator: true,
            service_cidr: None,
            role_arn: None,
            node_role_arn: None,
            access_entries: Vec::new(),
            addons: Vec::new(),
            node_groups: Vec::new(),
            existing: None,
        }
    }
}

/// How the Kubernetes API is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterEndpoint {
    /// From inside the VPC.
    pub private: bool,
    /// From the internet.
    pub public: bool,
    /// From where in the internet, at most 40 ranges.
    #[schemars(with = "Vec<String>", length(max = 40), transform = items("ipv4-network"))]
    pub public_cidrs: Vec<Ipv4Net>,
}

impl Default for ClusterEndpoint {
    fn default() -> Self {
        Self { private: true, public: true, public_cidrs: vec![Ipv4Net::default()] }
    }
}

/// The control plane's own logs, in CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterLogs {
    /// Which of them are kept.
    #[schemars(extend("uniqueItems" = true))]
    pub types: Vec<ControlPlaneLog>,
    /// After how many days they are deleted; one of CloudWatch's values.
    #[schemars(extend("enum" = super::super::format::RETENTION_DAYS))]
    pub retention_days: u32,
}

impl Default for ClusterLogs {
    fn default() -> Self {
        Self { types: ControlPlaneLog::ALL.to_vec(), retention_days: 30 }
    }
}

/// A log of the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlPlaneLog {
    /// The API server's.
    Api,
    /// Who did what.
    Audit,
    /// Who was let in by IAM.
    Authenticator,
    /// The controllers'.
    ControllerManager,
    /// The scheduler's.
    Scheduler,
}

impl ControlPlaneLog {
    const ALL: [Self; 5] =
        [Self::Api, Self::Audit, Self::Authenticator, Self::ControllerManager, Self::Scheduler];

    /// The word of the EKS API.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Audit => "audit",
            Self::Authenticator => "authenticator",
            Self::ControllerManager => "controllerManager",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Envelope encryption of Kubernetes secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsEncryption {
    /// Whether secrets are encrypted with a key of ours besides AWS's own.
    pub enabled: bool,
    /// A KMS key that exists already, in place of one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "kms-key-arn"))]
    pub key_arn: Option<String>,
    /// For how many days a deleted key can still be brought back.
    #[schemars(range(min = 7, max = 30))]
    pub deletion_window_days: u8,
}

impl Default for SecretsEncryption {
    fn default() -> Self {
        Self { enabled: true, key_arn: None, deletion_window_days: 7 }
    }
}

/// What happens when the version's standard support ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SupportType {
    /// AWS upgrades the cluster.
    Standard,
    /// It stays, at a higher price, for another year.
    Extended,
}

/// How people and nodes are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationMode {
    /// By access entries alone.
    Api,
    /// By access entries and by the `aws-auth` config map.
    ApiAndConfigMap,
    /// By the `aws-auth` config map alone, for a cluster that is still so: the others cannot be taken back.
    ConfigMap,
}

/// Somebody who may use the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessEntry {
    /// A name of your choice, by which files that extend this one refer to the entry.
    #[schemars(extend("format" = "dns-label"))]
    pub name: String,
    /// False leaves an inherited entry out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The ARN of the IAM role or user.
    #[schemars(extend("format" = "iam-principal-arn"))]
    pub principal_arn: String,
    /// What they may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<AccessPolicy>,
    /// The namespaces that the policy is limited to; empty means the whole cluster.
    #[serde(default)]
    #[schemars(transform = items("dns-label"), extend("uniqueItems" = true))]
    pub namespaces: Vec<String>,
    /// Kubernetes groups that they are part of, for your own role bindings.
    #[serde(default)]
    #[schemars(inner(length(min = 1)), extend("uniqueItems" = true))]
    pub kubernetes_groups: Vec<String>,
}

/// An access policy of EKS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessPolicy {
    /// Everything (`AmazonEKSClusterAdminPolicy`).
    ClusterAdmin,
    /// Most things, but neither nodes nor namespaces themselves (`AmazonEKSAdminPolicy`).
    Admin,
    /// Reading everything but not secrets, cluster-wide (`AmazonEKSAdminViewPolicy`).
    AdminView,
    /// Changing workloads (`AmazonEKSEditPolicy`).
    Edit,
    /// Looking at workloads (`AmazonEKSViewPolicy`).
    View,
}

impl AccessPolicy {
    /// The name of the EKS policy.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::ClusterAdmin => "AmazonEKSClusterAdminPolicy",
            Self::Admin => "AmazonEKSAdminPolicy",
            Self::AdminView => "AmazonEKSAdminViewPolicy",
            Self::Edit => "AmazonEKSEditPolicy",
            Self::View => "AmazonEKSViewPolicy",
        }
    }
}

/// An EKS add-on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Addon {
    /// The add-on's name in EKS.
    #[schemars(extend("format" = "addon-name"))]
    pub name: String,
    /// False leaves an inherited or built-in add-on out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The version (`v1.20.0-eksbuild.1`); the default one for the cluster's version when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub version: Option<String>,
    /// Settings of the add-on, as its own schema has them (`aws eks describe-addon-configuration`).
    #[serde(default)]
    pub configuration: BTreeMap<String, Value>,
    /// What happens to changes that somebody made to the add-on's objects in the cluster.
    #[serde(default)]
    pub conflicts: AddonConflicts,
}

/// What happens to changes that somebody made to an add-on's objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddonConflicts {
    /// The add-on's values win.
    #[default]
    Overwrite,
    /// The changes stay.
    Preserve,
    /// The update fails.
    None,
}

/// A cluster that exists already, reached by a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExistingCluster {
    /// The kubeconfig file; the usual places (`KUBECONFIG`, `~/.kube/config`) when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub kubeconfig: Option<String>,
    /// The context in it. There is no default, so that nothing is ever done to whichever cluster is current.
    #[schemars(length(min = 1))]
    pub context: String,
    /// Whether the cluster makes load balancers for Services that ask for one. Where it does not, services are
    /// reached from inside the cluster alone.
    #[serde(default)]
    pub load_balancers: bool,
}
