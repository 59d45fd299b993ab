//! Deleting clusters.

use serde_json::json;

use super::refuse::{in_use, invalid_request};
use super::state::{Phase, members};
use super::{cluster, network};
use crate::clock::Pace;
use crate::services::{Outcome, logs};
use crate::wire::input::Input;
use crate::world::Call;

/// Seconds that EKS typically takes.
const TYPICAL: i64 = 150;

/// Seconds until the last logs of a deleted cluster arrive.
const LATE: i64 = 40;

/// Deletion protection counts for an active cluster only.
/// <https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html>
///
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html>
pub(super) fn delete_cluster(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("name").to_owned();
    let found = cluster::find(call, &name)?;
    match found.phase {
        Phase::Deleting => {
            return Err(in_use(format!("Cluster {name} is already being deleted.")).with("clusterName", name));
        }
        Phase::Active | Phase::Updating if found.deletion_protection => {
            return Err(invalid_request(format!(
                "Cluster {name} has deletion protection enabled. Disable it before you delete the cluster."
            )));
        }
        Phase::Updating => {
            let id = found.update.clone().unwrap_or_default();
            return Err(in_use(format!(
                "Cannot delete because cluster {name} currently has update {id} in progress"
            ))
            .with("clusterName", name));
        }
        _ => {}
    }
    let group = members(&call.home().eks.node_groups, &name).next().map(|(group, _)| group.to_owned());
    if let Some(group) = group {
        return Err(in_use("Cluster has nodegroups attached")
            .with("clusterName", name)
            .with("nodegroupName", group));
    }
    let subject = cluster::subject(&name);
    call.abandon(&subject);
    let found = cluster::find_mut(call, &name)?;
    found.phase = Phase::Deleting;
    let deleted = found.clone();
    call.begin_removal(&subject, "delete", TYPICAL);
    Ok(json!({ "cluster": cluster::show(call, &deleted) }).into())
}

/// Ends a deletion: what belongs to the cluster goes with it, and its last logs arrive a little later.
pub(super) fn complete(call: &mut Call<'_>, name: &str) {
    let Some(gone) = call.home_mut().eks.clusters.remove(name) else { return };
    network::drop_interfaces(call, &gone.network.interfaces);
    network::drop_group(call, &gone.network.cluster_security_group);
    let prefix = format!("{name}/");
    let state = &mut call.home_mut().eks;
    state.addons.retain(|key, _| !key.starts_with(&prefix));
    state.access_entries.retain(|key, _| !key.starts_with(&prefix));
    state.pod_identities.retain(|key, _| !key.starts_with(&prefix));
    state.updates.retain(|key, _| !key.starts_with(&prefix));
    call.world_mut().pending.retain(|_, pending| {
        pending.service != "eks"
            || !pending.subject.split_once('/').is_some_and(|(_, rest)| rest.starts_with(&prefix))
    });
    if gone.logging.is_empty() {
        return;
    }
    if call.world().clock.pace == Pace::Instant {
        write_late_logs(call, name);
    } else {
        call.begin_removal(&format!("logs/{name}"), "late-logs", LATE);
    }
}

/// Writes what the control plane said last. A log group that was deleted meanwhile comes back by it.
pub(super) fn write_late_logs(call: &mut Call<'_>, name: &str) {
    let group = format!("/aws/eks/{name}/cluster");
    logs::write(call, &group, "kube-apiserver-audit", "the control plane stops");
}
