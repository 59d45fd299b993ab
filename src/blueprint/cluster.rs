//! The control plane: roles, key, logs, security group, cluster, OIDC provider, access entries.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};

use super::expansion::{Expansion, cluster_name, output};
use super::network::{Network, https_from};
use super::{addons, nodes, permissions};
use crate::config::schema::{self, AccessEntry as Entry};
use crate::model::ec2::{Peer, Rule, SecurityGroup, Traffic};
use crate::model::eks::{
    AccessEntry, AccessEntryType, AccessScope, AuthenticationMode, Cluster, ControlPlaneLog, IpFamily,
    Support,
};
use crate::model::iam::{OidcProvider, Role};
use crate::model::kms::Key;
use crate::model::logs::{LogClass, LogGroup};
use crate::model::{Attribute, Document, Ref};

/// What other parts need of the cluster.
pub(super) struct Built {
    pub(super) cluster: Ref<Cluster>,
    pub(super) node_role: Ref<Role>,
    pub(super) oidc: Ref<OidcProvider>,
}

/// Adds the cluster with its nodes and add-ons.
pub(super) fn expand(expansion: &mut Expansion<'_>, network: &Network) -> Built {
    let cluster = add_cluster(expansion, network);
    let oidc = OidcProvider {
        issuer: output(&cluster, Attribute::Host),
        audiences: vec!["sts.amazonaws.com".to_owned()],
        tags: expansion.named(cluster_name(expansion.environment)),
    };
    let oidc = expansion.add("main", oidc);
    let node_role = nodes::add_role(expansion);
    let built = Built { cluster, node_role, oidc };
    add_access_entries(expansion, &built);
    let before_nodes = addons::add_before_nodes(expansion, &built);
    let groups = nodes::add_groups(expansion, network, &built, &before_nodes);
    addons::add_after_nodes(expansion, &built, &before_nodes, &groups);
    built
}

fn add_cluster(expansion: &mut Expansion<'_>, network: &Network) -> Ref<Cluster> {
    let settings = &expansion.settings.cluster;
    let name = cluster_name(expansion.environment);
    let role = add_role(expansion);
    let key = add_key(expansion);
    let log_group = add_log_group(expansion, &name);
    let group = add_security_group(expansion, network);
    let cluster = Cluster {
        name: name.clone(),
        version: settings.version.clone(),
        role,
        subnets: network.private_subnets(),
        security_groups: vec![group],
        private_endpoint: settings.endpoint.private,
        public_endpoint: settings.endpoint.public,
        public_ranges: settings.endpoint.public_cidrs.iter().copied().collect(),
        logging: settings.logs.types.iter().map(|log| control_plane_log(*log)).collect(),
        encryption_key: key,
        authentication: match settings.authentication_mode {
            schema::AuthenticationMode::Api => AuthenticationMode::Api,
            schema::AuthenticationMode::ApiAndConfigMap => AuthenticationMode::ApiAndConfigMap,
            schema::AuthenticationMode::ConfigMap => AuthenticationMode::ConfigMap,
        },
        creator_is_admin: settings.creator_is_administrator,
        // The add-ons are ours from the start: unmanaged ones would only be in their way.
        bootstrap_addons: false,
        support: match settings.support {
            schema::SupportType::Standard => Support::Standard,
            schema::SupportType::Extended => Support::Extended,
        },
        deletion_protection: expansion.settings.protect,
        service_range: settings.service_cidr,
        ip_family: IpFamily::Ipv4,
        log_group,
        tags: expansion.named(name),
    };
    expansion.add("main", cluster)
}

fn control_plane_log(log: schema::ControlPlaneLog) -> ControlPlaneLog {
    match log {
        schema::ControlPlaneLog::Api => ControlPlaneLog::Api,
        schema::ControlPlaneLog::Audit => ControlPlaneLog::Audit,
        schema::ControlPlaneLog::Authenticator => ControlPlaneLog::Authenticator,
        schema::ControlPlaneLog::ControllerManager => ControlPlaneLog::ControllerManager,
        schema::ControlPlaneLog::Scheduler => ControlPlaneLog::Scheduler,
    }
}

fn add_role(expansion: &mut Expansion<'_>) -> Ref<Role> {
    if let Some(arn) = &expansion.settings.cluster.role_arn {
        return Ref::external(arn.as_str());
    }
    let name = expansion.account_name("cluster");
    let mut role = Role::new(name.as_str(), permissions::trust_cluster(), expansion.named(name.as_str()));
    role.description = format!("The control plane of {}", cluster_name(expansion.environment));
    role.policies = ["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"]
        .map(|policy| expansion.aws_policy(policy))
        .to_vec();
    expansion.add("cluster", role)
}

fn add_key(expansion: &mut Expansion<'_>) -> Option<Ref<Key>> {
    let settings = &expansion.settings.cluster.secrets_encryption;
    if !settings.enabled {
        return None;
    }
    if let Some(arn) = &settings.key_arn {
        return Some(Ref::external(arn.as_str()));
    }
    let alias = expansion.account_name("secrets");
    let key = Key {
        alias: Some(alias.clone()),
        description: format!("Kubernetes secrets of {}", cluster_name(expansion.environment)),
        policy: None,
        enabled: true,
        rotation: true,
        deletion_window: settings.deletion_window_days,
        tags: expansion.named(alias),
    };
    Some(expansion.add("secrets", key))
}

/// EKS writes to a group of this name and to no other. ("Send control plane logs to CloudWatch Logs".)
fn add_log_group(expansion: &mut Expansion<'_>, cluster: &str) -> Option<Ref<LogGroup>> {
    let settings = &expansion.settings.cluster.logs;
    if settings.types.is_empty() {
        return None;
    }
    let name = format!("/aws/eks/{cluster}/cluster");
    let group = LogGroup {
        name: name.clone(),
        retention: Some(settings.retention_days),
        key: None,
        class: LogClass::Standard,
        tags: expansion.named(name),
    };
    Some(expansion.add("cluster", group))
}

fn add_security_group(expansion: &mut Expansion<'_>, network: &Network) -> Ref<SecurityGroup> {
    let name = expansion.account_name("cluster");
    let ranges = network.private_ranges.iter();
    let ingress = ranges.map(|range| https_from(*range, "Kubernetes API from private subnets")).collect();
    let everywhere = Peer::Range(IpNet::V4(Ipv4Net::default()));
    let group = SecurityGroup {
        vpc: network.vpc.clone(),
        name: name.clone(),
        description: format!("Control plane of {}", cluster_name(expansion.environment)),
        ingress,
        // As every group is born, without a description: nothing has to be changed before it can be used.
        egress: vec![Rule { traffic: Traffic::All, peer: everywhere, description: String::new() }],
        tags: expansion.named(name),
    };
    expansion.add("cluster", group)
}

fn add_access_entries(expansion: &mut Expansion<'_>, built: &Built) {
    let entries: Vec<&Entry> =
        expansion.settings.cluster.access_entries.iter().filter(|entry| entry.enabled).collect();
    for entry in entries {
        let scope = match entry.namespaces.as_slice() {
            [] => AccessScope::Cluster,
            namespaces => AccessScope::Namespaces(namespaces.iter().cloned().collect()),
        };
        let arn = |policy: schema::AccessPolicy| {
            format!("arn:{}:eks::aws:cluster-access-policy/{}", expansion.partition(), policy.as_aws())
        };
        let policies: BTreeMap<String, AccessScope> =
            entry.policy.map(|policy| (arn(policy), scope)).into_iter().collect();
        let access = AccessEntry {
            cluster: built.cluster.clone(),
            principal: Ref::external(entry.principal_arn.as_str()),
            entry_type: AccessEntryType::Standard,
            groups: entry.kubernetes_groups.iter().cloned().collect(),
            username: None,
            policies,
            tags: expansion.named(expansion.account_name(&entry.name)),
        };
        expansion.add(&entry.name, access);
    }
}

/// Who may assume the role of a service account of an add-on, in a cluster without the pod identity agent.
pub(super) fn trust_by_token(built: &Built, namespace: &str, service_account: &str) -> Document {
    let (arn, host) = (output(&built.oidc, Attribute::Arn), output(&built.oidc, Attribute::Host));
    permissions::trust_token(&arn, &host, namespace, service_account)
}
