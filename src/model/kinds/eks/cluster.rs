//! A Kubernetes control plane.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::kinds::ec2::{SecurityGroup, Subnet};
use crate::model::kinds::iam::Role;
use crate::model::kinds::kms::Key;
use crate::model::kinds::logs::LogGroup;
use crate::model::{
    Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Timing, Visitor,
};

/// An EKS cluster: its control plane. EKS takes one update at a time; each round of `update` makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name, unique in account and region; also its id.
    pub name: String,
    /// The Kubernetes version (`1.33`). It rises one minor at a time, a round each, and never falls.
    pub version: String,
    /// The role it acts as.
    pub role: Ref<Role>,
    /// The subnets in which it puts its network interfaces, in two zones at least.
    pub subnets: Vec<Ref<Subnet>>,
    /// Security groups of those interfaces, besides the one that EKS makes.
    pub security_groups: Vec<Ref<SecurityGroup>>,
    /// Whether its API answers inside the VPC.
    pub private_endpoint: bool,
    /// Whether its API answers on the internet.
    pub public_endpoint: bool,
    /// Who may reach the public endpoint; of no meaning without one.
    pub public_ranges: BTreeSet<ipnet::Ipv4Net>,
    /// The logs that the control plane writes.
    pub logging: BTreeSet<ControlPlaneLog>,
    /// The key that Kubernetes secrets are encrypted with. It can be added, never changed or taken away
    /// (EKS User Guide, "Encrypt Kubernetes secrets with KMS on existing clusters").
    pub encryption_key: Option<Ref<Key>>,
    /// How callers are known. It only moves on: config map, both, API.
    pub authentication: AuthenticationMode,
    /// Whether who creates it becomes an administrator. It counts at birth only and is not compared: access
    /// entries say it better.
    pub creator_is_admin: bool,
    /// Whether EKS puts unmanaged vpc-cni, kube-proxy and coredns into it at birth. EKS does not tell
    /// afterwards: not compared.
    pub bootstrap_addons: bool,
    /// What happens at the end of a version's standard support.
    pub support: Support,
    /// Whether deleting it is refused.
    pub deletion_protection: bool,
    /// The range of Kubernetes service addresses, set at birth; `None` leaves it to EKS.
    pub service_range: Option<ipnet::Ipv4Net>,
    /// Which addresses pods and services get, set at birth.
    pub ip_family: IpFamily,
    /// The log group it writes to. For the order only: EKS makes one without retention if there is none.
    pub log_group: Option<Ref<LogGroup>>,
    /// Its tags.
    pub tags: Tags,
}

/// A log of the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlPlaneLog {
    /// The API server's own.
    Api,
    /// Who did what.
    Audit,
    /// Who was let in.
    Authenticator,
    /// The controllers.
    ControllerManager,
    /// The scheduler.
    Scheduler,
}

/// How callers are known to a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMode {
    /// By the `aws-auth` config map.
    ConfigMap,
    /// By access entries and the config map.
    ApiAndConfigMap,
    /// By access entries.
    #[default]
    Api,
}

/// What happens at the end of a version's standard support.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It is upgraded.
    #[default]
    Standard,
    /// It stays, for a price.
    Extended,
}

/// Which addresses pods and services get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IpFamily {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// What is known of a cluster once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterOutputs {
    /// The ARN.
    pub arn: String,
    /// The URL of its API; empty until it is active.
    pub endpoint: String,
    /// The host and path of its OIDC issuer, without the scheme.
    pub issuer: String,
    /// The security group that EKS made for it and its nodes.
    pub security_group: String,
    /// The certificate authority of its API, base64 of PEM.
    pub certificate_authority: String,
    /// The platform version of EKS (`eks.12`).
    pub platform_version: String,
}

impl OutputsOf for ClusterOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        let value = match attribute {
            Attribute::Arn => &self.arn,
            Attribute::Url => &self.endpoint,
            Attribute::Host => &self.issuer,
            Attribute::SecurityGroup => &self.security_group,
            Attribute::Version => &self.platform_version,
            _ => return None,
        };
        // Before it is active, a cluster has only its ARN.
        (!value.is_empty()).then_some(value.as_str())
    }
}

impl Resource for Cluster {
    const KIND: Kind = Kind::Cluster;
    /// CreateCluster takes a client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(540, 420, 180);
    type Outputs = ClusterOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { role, subnets, security_groups, encryption_key, log_group, .. } = self;
        visitor.reference(role);
        visitor.references(subnets);
        visitor.references(security_groups);
        visitor.references(encryption_key);
        visitor.references(log_group);
    }

    fn sort_sets(&mut self) {
        self.subnets.sort();
        self.security_groups.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            name,
            version,
            role,
            subnets,
            security_groups,
            private_endpoint,
            public_endpoint,
            public_ranges,
            logging,
            encryption_key,
            authentication,
            creator_is_admin: _,
            bootstrap_addons: _,
            support,
            deletion_protection,
            service_range,
            ip_family,
            log_group: _,
            tags,
        } = self;
        changes.replace("name", name, &live.name);
        changes.update("version", version, &live.version);
        changes.replace("role", role, &live.role);
        changes.update_set("subnets", subnets, &live.subnets);
        changes.update_set("security_groups", security_groups, &live.security_groups);
        changes.update("private_endpoint", private_endpoint, &live.private_endpoint);
        changes.update("public_endpoint", public_endpoint, &live.public_endpoint);
        if *public_endpoint && live.public_endpoint {
            changes.update("public_ranges", public_ranges, &live.public_ranges);
        }
        changes.update("logging", logging, &live.logging);
        if encryption_key != &live.encryption_key {
            let effect = if live.encryption_key.is_none() { Effect::InPlace } else { Effect::Replace };
            let [before, after] = [Shown::of(&live.encryption_key), Shown::of(encryption_key)];
            changes.push("encryption_key", before, after, effect);
        }
        changes.update("authentication", authentication, &live.authentication);
        changes.update("support", support, &live.support);
        changes.update("deletion_protection", deletion_protection, &live.deletion_protection);
        changes.replace_if_set("service_range", service_range, &live.service_range);
        changes.replace("ip_family", ip_family, &live.ip_family);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
