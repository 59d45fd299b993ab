//! Who of IAM is who in a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Cluster;
use crate::model::kinds::iam::Role;
use crate::model::{
    Address, Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor,
};

/// An access entry with its access policies. Its id is `CLUSTER/ARN-OF-THE-PRINCIPAL`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// The cluster it is part of.
    pub cluster: Ref<Cluster>,
    /// The principal: a role of ours, or any role or user by its ARN.
    pub principal: Ref<Role>,
    /// What the principal is for; set at birth.
    pub entry_type: AccessEntryType,
    /// The Kubernetes groups it is in.
    pub groups: BTreeSet<String>,
    /// Its Kubernetes user name; `None` leaves it to EKS.
    pub username: Option<String>,
    /// Access policies by ARN (`arn:aws:eks::aws:cluster-access-policy/…`), each with where it holds.
    pub policies: BTreeMap<String, AccessScope>,
    /// Its tags.
    pub tags: Tags,
}

/// What a principal is for (`type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessEntryType {
    /// People and programs.
    #[default]
    Standard,
    /// Machines with Linux.
    Ec2Linux,
    /// Machines with Windows.
    Ec2Windows,
    /// Fargate.
    FargateLinux,
    /// Machines of EKS Auto Mode.
    Ec2,
    /// Hybrid nodes.
    HybridLinux,
}

/// Where an access policy holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessScope {
    /// Everywhere.
    Cluster,
    /// In these namespaces.
    Namespaces(BTreeSet<String>),
}

/// What is known of an access entry once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEntryOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for AccessEntryOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for AccessEntry {
    const KIND: Kind = Kind::AccessEntry;
    /// CreateAccessEntry takes a client token; there is one a principal, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(4, 2, 2);
    type Outputs = AccessEntryOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { cluster, principal, entry_type: _, groups: _, username: _, policies: _, tags: _ } = self;
        visitor.reference(cluster);
        visitor.reference(principal);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { cluster, principal, entry_type, groups, username, policies, tags } = self;
        changes.replace("cluster", cluster, &live.cluster);
        changes.replace("principal", principal, &live.principal);
        changes.replace("entry_type", entry_type, &live.entry_type);
        // Groups and user names of machines are EKS's business ("Create access entries", EKS User Guide).
        if [entry_type, &live.entry_type] == [&AccessEntryType::Standard; 2] {
            changes.update("groups", groups, &live.groups);
            changes.update_if_set("username", username, &live.username);
        }
        changes.entries("policies", policies, &live.policies);
        changes.tags(tags, &live.tags);
    }

    fn parent(&self) -> Option<Address> {
        self.cluster.address()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
