//! Changing the configuration of clusters: one kind of change a call, one update at a time.

use serde_json::json;

use super::cluster::{self, Cluster, show_logging};
use super::cluster_create::{logging, public_cidrs, support};
use super::refuse::{TOKEN_MISMATCH, invalid_parameter};
use super::state::Phase;
use super::update::{self, Effect, Plan};
use super::{access_entry, network};
use crate::services::{Outcome, logs};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// The cluster as it will be, the kind of update, its parameters.
type Change = (Cluster, &'static str, Vec<(&'static str, String)>);

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html>
pub(super) fn update_cluster_config(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("name").to_owned();
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &name, &id);
    }
    let before = cluster::find(call, &name)?.clone();
    let mut changes = Vec::new();
    if let Some(config) = input.get("resourcesVpcConfig") {
        changes.extend(endpoint(config, &before)?);
        changes.extend(interfaces(call, config, &before)?);
    }
    changes.extend(logs_change(input, &before)?);
    changes.extend(access(input, &before)?);
    changes.extend(switches(input, &before)?);
    let mut changes = changes.into_iter();
    let Some((after, kind, parameters)) = changes.next() else {
        return Err(invalid_parameter("No changes needed for the configuration provided"));
    };
    if changes.next().is_some() {
        return Err(invalid_parameter("Only one type of update can be allowed."));
    }
    let (id, answer) = start(call, &before, (after, kind, parameters), 240)?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}

/// Begins an update of a cluster that is in use.
pub(super) fn start(
    call: &mut Call<'_>,
    before: &Cluster,
    (after, kind, parameters): Change,
    seconds: i64,
) -> Result<(String, serde_json::Value), Failure> {
    let name = before.name.clone();
    update::refuse_second(before.update.as_ref(), kind, ("cluster", &name))?;
    cluster::require_active(call, &name)?;
    let effect = Effect::Cluster(Box::new(after));
    let plan = Plan { kind, parameters, node_group: None, addon: None, effect, seconds };
    let (id, answer) = update::begin(call, &name, plan);
    let cluster = cluster::find_mut(call, &name)?;
    (cluster.phase, cluster.update) = (Phase::Updating, Some(id.clone()));
    Ok((id, answer))
}

fn endpoint(config: &Input, before: &Cluster) -> Result<Option<Change>, Failure> {
    let (public, private) = (config.flag("endpointPublicAccess"), config.flag("endpointPrivateAccess"));
    let cidrs = config.has("publicAccessCidrs").then(|| config.texts("publicAccessCidrs"));
    if public.is_none() && private.is_none() && cidrs.is_none() {
        return Ok(None);
    }
    let mut after = before.clone();
    let network = &mut after.network;
    network.public = public.unwrap_or(network.public);
    network.private = private.unwrap_or(network.private);
    if !network.public && !network.private {
        return Err(invalid_parameter("Private and public endpoint access cannot be false"));
    }
    network.public_cidrs = match cidrs {
        _ if !network.public => Vec::new(),
        Some(texts) => public_cidrs(texts)?,
        None => public_cidrs(before.network.public_cidrs.clone())?,
    };
    if after == *before {
        return Err(invalid_parameter(format!(
            "Cluster is already at the desired configuration with endpointPrivateAccess: {} , endpointPublicAccess: {}, \
             and Public Endpoint Restrictions: {:?}",
            before.network.private, before.network.public, before.network.public_cidrs
        )));
    }
    let network = &after.network;
    let parameters = vec![
        ("EndpointPublicAccess", network.public.to_string()),
        ("EndpointPrivateAccess", network.private.to_string()),
        ("PublicAccessCidrs", json!(network.public_cidrs).to_string()),
    ];
    Ok(Some((after, "EndpointAccessUpdate", parameters)))
}

fn interfaces(call: &Call<'_>, config: &Input, before: &Cluster) -> Result<Option<Change>, Failure> {
    let subnets = config.has("subnetIds").then(|| config.texts("subnetIds"));
    let groups = config.has("securityGroupIds").then(|| config.texts("securityGroupIds"));
    if subnets.is_none() && groups.is_none() {
        return Ok(None);
    }
    let mut after = before.clone();
    after.network.subnets = subnets.unwrap_or_else(|| before.network.subnets.clone());
    after.network.security_groups = groups.unwrap_or_else(|| before.network.security_groups.clone());
    if after == *before {
        return Err(invalid_parameter(
            "Provided subnets and security groups match the existing cluster configuration.",
        ));
    }
    if network::check(call, &after.network.subnets, &after.network.security_groups)? != before.network.vpc {
        return Err(invalid_parameter("Provided subnets belong to another VPC than the cluster."));
    }
    let parameters = vec![
        ("Subnets", json!(after.network.subnets).to_string()),
        ("SecurityGroups", json!(after.network.security_groups).to_string()),
    ];
    Ok(Some((after, "VpcConfigUpdate", parameters)))
}

fn logs_change(input: &Input, before: &Cluster) -> Result<Option<Change>, Failure> {
    let Some(config) = input.get("logging") else { return Ok(None) };
    let on = logging(Some(config), before.logging.clone())?;
    if on == before.logging {
        return Err(invalid_parameter("No changes needed for the logging config provided"));
    }
    let parameters = vec![("ClusterLogging", show_logging(&on).to_string())];
    Ok(Some((Cluster { logging: on, ..before.clone() }, "LoggingUpdate", parameters)))
}

/// Authentication goes from the config map to access entries, one step at a time, and never back.
fn access(input: &Input, before: &Cluster) -> Result<Option<Change>, Failure> {
    let Some(mode) = input.get("accessConfig").and_then(|config| config.text("authenticationMode")) else {
        return Ok(None);
    };
    let allowed = matches!(
        (before.authentication.as_str(), mode),
        ("CONFIG_MAP", "API_AND_CONFIG_MAP") | ("API_AND_CONFIG_MAP", "API")
    );
    if !allowed {
        let old = &before.authentication;
        return Err(invalid_parameter(format!(
            "Unsupported authentication mode update from {old} to {mode}"
        )));
    }
    let after = Cluster { authentication: mode.to_owned(), ..before.clone() };
    Ok(Some((after, "AccessConfigUpdate", vec![("AuthenticationMode", mode.to_owned())])))
}

fn switches(input: &Input, before: &Cluster) -> Result<Vec<Change>, Failure> {
    let mut changes: Vec<Change> = Vec::new();
    if let Some(support) = support(input) {
        let parameters = vec![("UpgradePolicy", json!({ "supportType": support }).to_string())];
        changes.push((Cluster { support, ..before.clone() }, "UpgradePolicyUpdate", parameters));
    }
    if let Some(protection) = input.flag("deletionProtection") {
        let parameters = vec![("DeletionProtection", protection.to_string())];
        let after = Cluster { deletion_protection: protection, ..before.clone() };
        changes.push((after, "DeletionProtectionUpdate", parameters));
    }
    if let Some(on) = input.get("zonalShiftConfig").and_then(|config| config.flag("enabled")) {
        let parameters = vec![("ZonalShiftConfig", json!({ "enabled": on }).to_string())];
        changes.push((Cluster { zonal_shift: on, ..before.clone() }, "ZonalShiftConfigUpdate", parameters));
    }
    match changes.iter().find(|(after, ..)| after == before) {
        Some((_, kind, _)) => Err(invalid_parameter(format!("No changes needed for the {kind} provided"))),
        None => Ok(changes),
    }
}

/// Makes a finished update true. Tags may have changed meanwhile, and stay.
pub(super) fn apply(call: &mut Call<'_>, after: Cluster) {
    let Ok(before) = cluster::find(call, &after.name).cloned() else { return };
    let mut after = Cluster { tags: before.tags.clone(), phase: Phase::Active, update: None, ..after };
    let moved = (&after.network.subnets, &after.network.security_groups)
        != (&before.network.subnets, &before.network.security_groups);
    if moved {
        let own = after.network.cluster_security_group.clone();
        let groups: Vec<String> =
            std::iter::once(own).chain(after.network.security_groups.iter().cloned()).collect();
        let made = network::make_interfaces(call, &after.name, &after.network.subnets, &groups);
        if let Ok(made) = made {
            network::drop_interfaces(call, &before.network.interfaces);
            after.network.interfaces = made;
        }
    }
    let begins_logging = before.logging.is_empty() && !after.logging.is_empty();
    let admits = before.authentication == "CONFIG_MAP" && after.authentication != "CONFIG_MAP";
    let (name, group) = (after.name.clone(), after.log_group());
    let creator = after.creator_is_admin;
    call.home_mut().eks.clusters.insert(&name, after);
    if begins_logging {
        logs::write(call, &group, "kube-apiserver-audit", "the control plane writes its logs");
    }
    if admits && creator {
        access_entry::admit_creator(call, &name);
    }
}
