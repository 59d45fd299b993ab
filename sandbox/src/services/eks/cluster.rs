//! Clusters: what they are and how they look.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refuse::{invalid_request, not_found};
use super::state::Phase;
use crate::clock::Time;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// The kinds of control plane logs, in EKS's order.
pub(super) const LOGS: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its Kubernetes version.
    pub version: String,
    /// ARN of its role.
    pub role: String,
    /// Where it lives.
    pub network: Network,
    /// The range of service addresses.
    pub service_cidr: String,
    /// The control plane logs that are on.
    pub logging: BTreeSet<String>,
    /// ARN of the key that encrypts secrets.
    pub encryption_key: Option<String>,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    pub authentication: String,
    /// Whether its creator got an access entry.
    pub creator_is_admin: bool,
    /// `STANDARD` or `EXTENDED`.
    pub support: String,
    /// Whether it refuses to be deleted.
    pub deletion_protection: bool,
    /// Whether zonal shift is on.
    pub zonal_shift: bool,
    /// Its tags.
    pub tags: Tags,
    /// Where it is in its life.
    pub phase: Phase,
    /// When it was made.
    pub created: Time,
    /// The token that it was made with.
    pub token: Option<String>,
    /// 32 digits, in the issuer and the endpoint.
    pub id: String,
    /// The certificate of its authority, in PEM.
    pub certificate: String,
    /// The private key of its authority, in hexadecimal.
    pub certificate_key: String,
    /// The update under way.
    pub update: Option<String>,
}

/// Where a cluster lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Its VPC.
    pub vpc: String,
    /// The subnets of its interfaces.
    pub subnets: Vec<String>,
    /// The groups of its interfaces, besides its own.
    pub security_groups: Vec<String>,
    /// The group that it made itself.
    pub cluster_security_group: String,
    /// The interfaces that it made.
    pub interfaces: Vec<String>,
    /// Whether the endpoint answers the internet.
    pub public: bool,
    /// Whether the endpoint answers the VPC.
    pub private: bool,
    /// Who of the internet is answered.
    pub public_cidrs: Vec<String>,
}

impl Cluster {
    /// The OpenID Connect issuer.
    pub fn issuer(&self, region: &str) -> String {
        format!("https://oidc.eks.{region}.amazonaws.com/id/{}", self.id)
    }

    /// The name of the log group.
    pub fn log_group(&self) -> String {
        format!("/aws/eks/{}/cluster", self.name)
    }
}

/// The cluster called `name`.
pub(super) fn find<'c>(call: &'c Call<'_>, name: &str) -> Result<&'c Cluster, Failure> {
    let missing = || not_found(format!("No cluster found for name: {name}."));
    call.home().eks.clusters.get(name).ok_or_else(missing)
}

/// The cluster called `name`, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Cluster, Failure> {
    let missing = || not_found(format!("No cluster found for name: {name}."));
    call.home_mut().eks.clusters.get_mut(name).ok_or_else(missing)
}

/// Refuses unless the cluster is in use: what belongs to it cannot be made before or after.
pub(super) fn require_active(call: &Call<'_>, name: &str) -> Result<(), Failure> {
    match find(call, name)?.phase {
        Phase::Active | Phase::Updating => Ok(()),
        other => Err(invalid_request(format!(
            "Cluster '{name}' is not in ACTIVE status (it is {}).",
            other.name()
        ))),
    }
}

/// What the pending changes of a cluster go by.
pub(super) fn subject(name: &str) -> String {
    format!("cluster/{name}")
}

/// A cluster in an answer. Endpoint, authority and issuer show once it was active.
pub(super) fn show(call: &Call<'_>, cluster: &Cluster) -> Value {
    let born = cluster.phase != Phase::Creating;
    let network = &cluster.network;
    let status = if cluster.phase == Phase::CreateFailed { "FAILED" } else { cluster.phase.name() };
    let mut shown = json!({
        "name": cluster.name, "arn": call.arn("eks", &format!("cluster/{}", cluster.name)),
        "createdAt": cluster.created.value(), "version": cluster.version, "roleArn": cluster.role,
        "resourcesVpcConfig": {
            "subnetIds": network.subnets, "securityGroupIds": network.security_groups,
            "clusterSecurityGroupId": born.then_some(&network.cluster_security_group), "vpcId": network.vpc,
            "endpointPublicAccess": network.public, "endpointPrivateAccess": network.private,
            "publicAccessCidrs": network.public_cidrs,
        },
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": cluster.service_cidr, "ipFamily": "ipv4", "elasticLoadBalancing": { "enabled": false },
        },
        "logging": show_logging(&cluster.logging), "status": status,
        "certificateAuthority": {}, "clientRequestToken": cluster.token,
        "platformVersion": super::version::platform(&cluster.version), "tags": cluster.tags,
        "health": { "issues": [] },
        "accessConfig": {
            "authenticationMode": cluster.authentication,
            "bootstrapClusterCreatorAdminPermissions": cluster.creator_is_admin,
        },
        "upgradePolicy": { "supportType": cluster.support }, "deletionProtection": cluster.deletion_protection,
        // Shown once it was switched on; the Terraform provider reads it back as it was configured.
        "zonalShiftConfig": cluster.zonal_shift.then(|| json!({ "enabled": true })),
    });
    if let Some(key) = &cluster.encryption_key {
        shown["encryptionConfig"] = json!([{ "resources": ["secrets"], "provider": { "keyArn": key } }]);
    }
    if born {
        shown["endpoint"] = endpoint(call, cluster).into();
        shown["identity"] = json!({ "oidc": { "issuer": cluster.issuer(&call.region) } });
        shown["certificateAuthority"] = json!({ "data": super::certificate::encoded(&cluster.certificate) });
    }
    shown
}

fn endpoint(call: &Call<'_>, cluster: &Cluster) -> String {
    // Zones of EKS's own names, `gr7` in most regions.
    format!("https://{}.gr7.{}.eks.amazonaws.com", cluster.id, call.region)
}

/// The logs that are on and those that are off, as EKS shows them.
pub(super) fn show_logging(on: &BTreeSet<String>) -> Value {
    let (enabled, disabled): (Vec<&str>, Vec<&str>) = LOGS.iter().partition(|kind| on.contains(**kind));
    let setups = [(enabled, true), (disabled, false)];
    let shown: Vec<Value> = setups
        .into_iter()
        .filter(|(types, _)| !types.is_empty())
        .map(|(types, enabled)| json!({ "types": types, "enabled": enabled }))
        .collect();
    json!({ "clusterLogging": shown })
}
