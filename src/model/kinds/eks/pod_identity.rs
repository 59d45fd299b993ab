//! Which role the pods of a service account act as.

use serde::{Deserialize, Serialize};

use super::Cluster;
use crate::model::kinds::iam::Role;
use crate::model::{
    Address, Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor,
};

/// A pod identity association. Its id is `CLUSTER/a-…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodIdentityAssociation {
    /// The cluster it is part of.
    pub cluster: Ref<Cluster>,
    /// The service account's namespace.
    pub namespace: String,
    /// The service account, which need not exist yet.
    pub service_account: String,
    /// The role, which trusts `pods.eks.amazonaws.com`.
    pub role: Ref<Role>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of an association once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodIdentityAssociationOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for PodIdentityAssociationOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for PodIdentityAssociation {
    const KIND: Kind = Kind::PodIdentityAssociation;
    /// CreatePodIdentityAssociation takes a client token; there is one a service account, tags are set at
    /// birth.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(3, 2, 2);
    type Outputs = PodIdentityAssociationOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { cluster, namespace: _, service_account: _, role, tags: _ } = self;
        visitor.reference(cluster);
        visitor.reference(role);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { cluster, namespace, service_account, role, tags } = self;
        changes.replace("cluster", cluster, &live.cluster);
        changes.replace("namespace", namespace, &live.namespace);
        changes.replace("service_account", service_account, &live.service_account);
        changes.update("role", role, &live.role);
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
