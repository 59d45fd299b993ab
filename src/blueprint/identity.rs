//! Roles of service accounts, by pod identity.

use super::cluster::Built;
use super::expansion::{Expansion, cluster_name};
use super::permissions;
use crate::model::eks::PodIdentityAssociation;
use crate::model::iam::{Policy, Role};
use crate::model::{Document, Ref};

/// A service account that gets a role.
pub(super) struct ServiceAccount<'a> {
    /// The role's name, after the environment's.
    pub(super) role: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// What it is for.
    pub(super) purpose: &'a str,
}

/// What a service account may do.
pub(super) enum Rights {
    /// What a policy says that is short enough to be a part of the role.
    Inline(Document),
    /// What managed policies say.
    Managed(Vec<Ref<Policy>>),
}

/// Adds a role for a service account, and the association by which its pods get it.
pub(super) fn add(
    expansion: &mut Expansion<'_>,
    built: &Built,
    account: &ServiceAccount<'_>,
    rights: Rights,
) {
    let cluster = cluster_name(expansion.environment);
    let name = expansion.account_name(account.role);
    let trust = permissions::trust_pod(&cluster, account.namespace, account.name);
    let mut role = Role::new(name.as_str(), trust, expansion.named(name.as_str()));
    role.description = format!("{} of {cluster}", account.purpose);
    match rights {
        Rights::Inline(document) => drop(role.inline.insert("rights".to_owned(), document)),
        Rights::Managed(policies) => role.policies = policies,
    }
    let role = expansion.add(account.role, role);
    let association = PodIdentityAssociation {
        cluster: built.cluster.clone(),
        namespace: account.namespace.to_owned(),
        service_account: account.name.to_owned(),
        role,
        tags: expansion.named(name),
    };
    expansion.add(account.role, association);
}
