//! Upgrading clusters: one minor at a time, never down.

use super::cluster::{self, Cluster};
use super::refuse::{TOKEN_MISMATCH, invalid_parameter, invalid_request};
use super::state::members;
use super::version::{self, minor};
use super::{cluster_config, update};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// How many minors nodes may be behind their control plane:
/// <https://kubernetes.io/releases/version-skew-policy/#kubelet>
pub(super) const SKEW: u32 = 3;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html>
pub(super) fn update_cluster_version(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, wanted) = (input.str("name").to_owned(), input.str("version").to_owned());
    if let Some(id) = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)? {
        return update::replay(call, &name, &id);
    }
    let before = cluster::find(call, &name)?.clone();
    // Insights that stand against an upgrade are not modelled, so there is nothing to override.
    let _ = input.flag("force");
    check(call, &before, &wanted)?;
    let after = Cluster { version: wanted.clone(), ..before.clone() };
    let parameters = vec![("Version", wanted.clone()), ("PlatformVersion", version::platform(&wanted))];
    let (id, answer) = cluster_config::start(call, &before, (after, "VersionUpdate", parameters), 600)?;
    call.remember(input, "clientRequestToken", &id);
    Ok(answer.into())
}

fn check(call: &Call<'_>, before: &Cluster, wanted: &str) -> Result<(), Failure> {
    version::check(wanted)?;
    let old = &before.version;
    if wanted == old {
        return Err(invalid_parameter(format!("Cluster is already at version: {wanted}")));
    }
    let (Some(from), Some(to)) = (minor(old), minor(wanted)) else {
        return Err(invalid_parameter(format!("unsupported Kubernetes version {wanted}")));
    };
    if to != from + 1 {
        return Err(invalid_parameter(format!(
            "Unsupported Kubernetes minor version update from {old} to {wanted}"
        )));
    }
    let too_old = |version: &str| minor(version).is_some_and(|nodes| nodes + SKEW < to);
    let mut groups = members(&call.home().eks.node_groups, &before.name);
    match groups.find(|(_, group)| too_old(&group.version)) {
        Some((group, row)) => Err(invalid_request(format!(
            "Nodegroups [{group}] are at {}, more than {SKEW} minors behind {wanted}; update them first.",
            row.version
        ))),
        None => Ok(()),
    }
}
