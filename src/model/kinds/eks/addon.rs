//! Software that EKS runs in a cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cluster, NodeGroup};
use crate::model::kinds::iam::Role;
use crate::model::{
    Address, Attribute, Changes, Document, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor,
};

/// An EKS add-on. Its id is `CLUSTER/NAME`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addon {
    /// The cluster it is part of.
    pub cluster: Ref<Cluster>,
    /// Its name in EKS's catalogue (`vpc-cni`).
    pub name: String,
    /// Its version; `None` takes the default of the cluster's version at birth and leaves it then.
    pub version: Option<String>,
    /// Its settings by the schema of its version, equal when the values are; `None` for none.
    pub configuration: Option<Document>,
    /// What happens to fields that somebody else set in the cluster. Only calls read it: not compared.
    pub conflicts: AddonConflicts,
    /// The role of its service account by the cluster's OIDC provider; `None` for none.
    pub service_account_role: Option<Ref<Role>>,
    /// The roles of its service accounts by pod identity, by service account.
    pub pod_identities: BTreeMap<String, AddonPodIdentity>,
    /// The add-ons that must stand first. For the order only.
    pub after: Vec<Ref<Addon>>,
    /// The node groups that must stand first, for what cannot get ready without a node (coredns). For the
    /// order only.
    pub after_nodes: Vec<Ref<NodeGroup>>,
    /// Its tags.
    pub tags: Tags,
}

/// The role that a service account of an add-on gets by pod identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddonPodIdentity {
    /// The role.
    pub role: Ref<Role>,
}

/// What happens to fields that somebody else set in the cluster (`resolveConflicts`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddonConflicts {
    /// The change fails.
    #[default]
    None,
    /// EKS's value wins.
    Overwrite,
    /// Theirs stays (at birth: EKS's wins).
    Preserve,
}

/// What is known of an add-on once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddonOutputs {
    /// The ARN.
    pub arn: String,
    /// The version that runs.
    pub version: String,
}

impl OutputsOf for AddonOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Version => Some(&self.version),
            _ => None,
        }
    }
}

impl Resource for Addon {
    const KIND: Kind = Kind::Addon;
    /// CreateAddon takes a client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(45, 45, 30);
    type Outputs = AddonOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            cluster,
            name: _,
            version: _,
            configuration,
            conflicts: _,
            service_account_role,
            pod_identities,
            after,
            after_nodes,
            tags: _,
        } = self;
        visitor.reference(cluster);
        if let Some(configuration) = configuration {
            visitor.document(configuration);
        }
        visitor.references(service_account_role);
        visitor.references(pod_identities.values_mut().map(|identity| &mut identity.role));
        visitor.references(after);
        visitor.references(after_nodes);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            cluster,
            name,
            version,
            configuration,
            conflicts: _,
            service_account_role,
            pod_identities,
            after: _,
            after_nodes: _,
            tags,
        } = self;
        changes.replace("cluster", cluster, &live.cluster);
        changes.replace("name", name, &live.name);
        changes.update_if_set("version", version, &live.version);
        // Values, not policies: the order of lists matters here.
        changes.update("configuration", configuration, &live.configuration);
        changes.update("service_account_role", service_account_role, &live.service_account_role);
        changes.entries("pod_identities", pod_identities, &live.pod_identities);
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
