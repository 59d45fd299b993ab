//! Making clusters.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use serde_json::json;

use super::cluster::{self, Cluster, LOGS, Network};
use super::refuse::{TOKEN_MISMATCH, in_use, invalid_parameter, over_limit};
use super::state::Phase;
use super::{access_entry, certificate, encryption, network, role, tag, version};
use crate::services::Outcome;
use crate::services::iam::ensure_service_linked_role;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// Clusters of an account in a region.
const CLUSTERS: usize = 100;

/// Seconds that EKS typically takes.
const TYPICAL: i64 = 540;

/// Endpoint and network of a request.
struct Wanted {
    subnets: Vec<String>,
    security_groups: Vec<String>,
    public: bool,
    private: bool,
    public_cidrs: Vec<String>,
}

/// The ranges of the internet that a public endpoint answers.
///
/// # Errors
/// `InvalidParameterException` for what is no range, or a private one.
pub(super) fn public_cidrs(texts: Vec<String>) -> Result<Vec<String>, Failure> {
    let sound = |text: &&String| {
        text.parse::<Ipv4Net>().is_ok_and(|net| net.prefix_len() == 0 || !net.addr().is_private())
    };
    match texts.iter().find(|text| !sound(text)) {
        Some(bad) => {
            Err(invalid_parameter(format!("The following CIDRs are invalid in publicAccessCidrs: [{bad}]")))
        }
        None if texts.is_empty() => Ok(vec!["0.0.0.0/0".to_owned()]),
        None => Ok(texts),
    }
}

fn wanted(input: &Input) -> Result<Wanted, Failure> {
    let Some(config) = input.get("resourcesVpcConfig") else {
        return Err(invalid_parameter("resourcesVpcConfig is required."));
    };
    let wanted = Wanted {
        subnets: config.texts("subnetIds"),
        security_groups: config.texts("securityGroupIds"),
        public: config.flag("endpointPublicAccess").unwrap_or(true),
        private: config.flag("endpointPrivateAccess").unwrap_or(false),
        public_cidrs: public_cidrs(config.texts("publicAccessCidrs"))?,
    };
    if !wanted.public && !wanted.private {
        return Err(invalid_parameter("Private and public endpoint access cannot be false"));
    }
    Ok(wanted)
}

/// The logs that a logging configuration leaves on, starting from those that are on.
pub(super) fn logging(config: Option<&Input>, mut on: BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
    for setup in config.map_or(&[][..], |config| config.list("clusterLogging")) {
        let enabled = setup.flag("enabled").unwrap_or(false);
        for kind in setup.texts("types") {
            if !LOGS.contains(&kind.as_str()) {
                return Err(invalid_parameter(format!("Log type {kind} is not valid.")));
            }
            if enabled {
                on.insert(kind);
            } else {
                on.remove(&kind);
            }
        }
    }
    Ok(on)
}

/// Reads the switches that are modelled in one position only.
fn read_switches(input: &Input) -> Result<(), Failure> {
    let off = |outer: &str, inner: &str| {
        let part = input.get(outer).map(|config| (config, config.get(inner)));
        part.and_then(|(_, part)| part).map_or(Ok(()), |part| part.only("enabled", "false"))
    };
    off("storageConfig", "blockStorage")?;
    off("kubernetesNetworkConfig", "elasticLoadBalancing")?;
    if let Some(config) = input.get("computeConfig") {
        config.only("enabled", "false")?;
    }
    if let Some(config) = input.get("controlPlaneScalingConfig") {
        config.only("tier", "standard")?;
    }
    // Self-managed add-ons live in the cluster, which is not modelled; the switch is read and has no effect.
    let _ = input.flag("bootstrapSelfManagedAddons");
    Ok(())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>
pub(super) fn create_cluster(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("name").to_owned();
    let replayed = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)?;
    if let Some(cluster) = replayed.and_then(|name| call.home().eks.clusters.get(&name)) {
        return Ok(json!({ "cluster": cluster::show(call, cluster) }).into());
    }
    let state = &call.home().eks;
    if state.clusters.contains(&name) {
        return Err(in_use(format!("Cluster already exists with name: {name}")).with("clusterName", name));
    }
    if state.clusters.len() >= CLUSTERS {
        return Err(over_limit(format!("Cluster limit of {CLUSTERS} exceeded in this region.")));
    }
    let kubernetes = input.text("version").unwrap_or(version::DEFAULT).to_owned();
    version::check(&kubernetes)?;
    read_switches(input)?;
    let wanted = wanted(input)?;
    let vpc = network::check(call, &wanted.subnets, &wanted.security_groups)?;
    role::check_cluster_role(call, input.str("roleArn"))?;
    let addresses = input.get("kubernetesNetworkConfig");
    addresses.map_or(Ok(()), |config| config.only("ipFamily", "ipv4"))?;
    let range = addresses.and_then(|config| config.text("serviceIpv4Cidr"));
    let service_cidr = network::service_range(call, range, &vpc)?;
    let tags = tag::read(input)?;
    let key = encryption::read(call, input.list("encryptionConfig"))?;
    let made = make_network(call, &name, vpc, wanted)?;
    let cluster = assemble(call, input, (name.clone(), kubernetes), (made, service_cidr, key, tags))?;
    let shown = cluster::show(call, &cluster);
    let admin = cluster.creator_is_admin && cluster.authentication != "CONFIG_MAP";
    call.home_mut().eks.clusters.insert(&name, cluster);
    if admin {
        access_entry::admit_creator(call, &name);
    }
    ensure_service_linked_role(call, "eks.amazonaws.com");
    call.begin(&cluster::subject(&name), "create", TYPICAL);
    call.remember(input, "clientRequestToken", &name);
    Ok(json!({ "cluster": shown }).into())
}

fn make_network(call: &mut Call<'_>, name: &str, vpc: String, wanted: Wanted) -> Result<Network, Failure> {
    let group = network::make_group(call, name, &vpc)?;
    let groups: Vec<String> =
        std::iter::once(group.clone()).chain(wanted.security_groups.iter().cloned()).collect();
    let interfaces = network::make_interfaces(call, name, &wanted.subnets, &groups)?;
    Ok(Network {
        vpc,
        subnets: wanted.subnets,
        security_groups: wanted.security_groups,
        cluster_security_group: group,
        interfaces,
        public: wanted.public,
        private: wanted.private,
        public_cidrs: if wanted.public { wanted.public_cidrs } else { Vec::new() },
    })
}

type Parts = (Network, String, Option<String>, crate::world::Tags);

fn assemble(
    call: &mut Call<'_>,
    input: &Input,
    (name, version): (String, String),
    (network, service_cidr, encryption_key, tags): Parts,
) -> Result<Cluster, Failure> {
    let access = input.get("accessConfig");
    let (certificate, certificate_key) = certificate::make(call)?;
    Ok(Cluster {
        name,
        version,
        role: input.str("roleArn").to_owned(),
        network,
        service_cidr,
        logging: logging(input.get("logging"), BTreeSet::new())?,
        encryption_key,
        authentication: access.and_then(|a| a.text("authenticationMode")).unwrap_or("CONFIG_MAP").to_owned(),
        creator_is_admin: access
            .and_then(|access| access.flag("bootstrapClusterCreatorAdminPermissions"))
            .unwrap_or(true),
        support: support(input).unwrap_or_else(|| "EXTENDED".to_owned()),
        deletion_protection: input.flag("deletionProtection").unwrap_or(false),
        zonal_shift: input.get("zonalShiftConfig").and_then(|config| config.flag("enabled")).unwrap_or(false),
        tags,
        phase: Phase::Creating,
        created: call.now,
        token: input.text("clientRequestToken").map(str::to_owned),
        id: call.world_mut().dice.hex(32).to_uppercase(),
        certificate,
        certificate_key,
        update: None,
    })
}

/// The support that a request asks for.
pub(super) fn support(input: &Input) -> Option<String> {
    input.get("upgradePolicy")?.text("supportType").map(str::to_owned)
}
