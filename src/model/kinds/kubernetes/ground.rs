//! What a release stands on.

use serde::{Deserialize, Serialize};

use crate::model::kinds::ec2::RouteTable;
use crate::model::kinds::eks::{AccessEntry, Addon, NodeGroup, PodIdentityAssociation};
use crate::model::{Ref, Visitor};

/// What must stand in and around a cluster of ours before a release is made, and until it is gone: nodes to run on,
/// add-ons without which nothing gets ready, the way out of private subnets, the rights of whoever deploys and of its
/// own pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ground {
    /// Groups of nodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Ref<NodeGroup>>,
    /// Add-ons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addons: Vec<Ref<Addon>>,
    /// Routes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Ref<RouteTable>>,
    /// Who may use the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<Ref<AccessEntry>>,
    /// Roles of its service accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Ref<PodIdentityAssociation>>,
}

impl Ground {
    /// Whether it stands on nothing, as in a cluster that exists already.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { nodes, addons, routes, access, identities } = self;
        visitor.references(nodes);
        visitor.references(addons);
        visitor.references(routes);
        visitor.references(access);
        visitor.references(identities);
    }
}
