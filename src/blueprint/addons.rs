//! EKS add-ons, in the order in which they can get ready.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cluster::{Built, trust_by_token};
use super::expansion::{Expansion, cluster_name};
use super::permissions;
use crate::config::schema;
use crate::model::eks::{Addon, AddonConflicts, AddonPodIdentity, NodeGroup};
use crate::model::iam::Role;
use crate::model::{Document, Ref};

/// Add-ons that need no node to get ready, and without which no node gets ready or no pod gets its role. All
/// others wait for nodes: their pods have nowhere to run before.
const BEFORE_NODES: [&str; 3] = ["vpc-cni", "kube-proxy", POD_IDENTITY_AGENT];
const POD_IDENTITY_AGENT: &str = "eks-pod-identity-agent";
const EBS_DRIVER: &str = "aws-ebs-csi-driver";

/// Adds the add-ons that come before nodes.
pub(super) fn add_before_nodes(expansion: &mut Expansion<'_>, built: &Built) -> Vec<Ref<Addon>> {
    let addons = enabled(expansion).filter(|addon| BEFORE_NODES.contains(&addon.name.as_str()));
    let addons: Vec<&schema::Addon> = addons.collect();
    addons.into_iter().map(|addon| add(expansion, built, addon, (&[], &[]))).collect()
}

/// Adds the others.
pub(super) fn add_after_nodes(
    expansion: &mut Expansion<'_>,
    built: &Built,
    before: &[Ref<Addon>],
    nodes: &[Ref<NodeGroup>],
) {
    let addons = enabled(expansion).filter(|addon| !BEFORE_NODES.contains(&addon.name.as_str()));
    let addons: Vec<&schema::Addon> = addons.collect();
    for addon in addons {
        add(expansion, built, addon, (before, nodes));
    }
}

fn enabled<'a>(expansion: &Expansion<'a>) -> impl Iterator<Item = &'a schema::Addon> + use<'a> {
    expansion.settings.cluster.addons.iter().filter(|addon| addon.enabled)
}

fn add(
    expansion: &mut Expansion<'_>,
    built: &Built,
    addon: &schema::Addon,
    (after, after_nodes): (&[Ref<Addon>], &[Ref<NodeGroup>]),
) -> Ref<Addon> {
    let mut spec = Addon {
        cluster: built.cluster.clone(),
        name: addon.name.clone(),
        version: addon.version.clone(),
        configuration: configuration(addon),
        conflicts: match addon.conflicts {
            schema::AddonConflicts::Overwrite => AddonConflicts::Overwrite,
            schema::AddonConflicts::Preserve => AddonConflicts::Preserve,
            schema::AddonConflicts::None => AddonConflicts::None,
        },
        service_account_role: None,
        pod_identities: BTreeMap::new(),
        after: after.to_vec(),
        after_nodes: after_nodes.to_vec(),
        tags: expansion.named(expansion.account_name(&addon.name)),
    };
    if addon.name == EBS_DRIVER {
        give_volumes(expansion, built, &mut spec);
    }
    expansion.add(&addon.name, spec)
}

fn configuration(addon: &schema::Addon) -> Option<Document> {
    if addon.configuration.is_empty() {
        return None;
    }
    let values = addon.configuration.iter().map(|(key, value)| (key.clone(), value.clone()));
    Some(Document::new(Value::Object(values.collect())))
}

/// The driver's right to make volumes: by pod identity, or by the OIDC provider where there is no agent.
/// ("Use Kubernetes volume storage with Amazon EBS".)
fn give_volumes(expansion: &mut Expansion<'_>, built: &Built, addon: &mut Addon) {
    const NAMESPACE: &str = "kube-system";
    const SERVICE_ACCOUNT: &str = "ebs-csi-controller-sa";
    let by_agent = enabled(expansion).any(|addon| addon.name == POD_IDENTITY_AGENT);
    let cluster = cluster_name(expansion.environment);
    let trust = if by_agent {
        permissions::trust_pod(&cluster, NAMESPACE, SERVICE_ACCOUNT)
    } else {
        trust_by_token(built, NAMESPACE, SERVICE_ACCOUNT)
    };
    let name = expansion.account_name("ebs-csi");
    let mut role = Role::new(name.as_str(), trust, expansion.named(name.as_str()));
    role.description = format!("Volumes of {cluster}");
    role.policies = vec![expansion.aws_policy("service-role/AmazonEBSCSIDriverPolicy")];
    let role = expansion.add("ebs-csi", role);
    if by_agent {
        addon.pod_identities.insert(SERVICE_ACCOUNT.to_owned(), AddonPodIdentity { role });
    } else {
        addon.service_account_role = Some(role);
    }
}
