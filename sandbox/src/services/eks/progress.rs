//! What happens when a change under way ends.

use super::cluster::{self, Cluster};
use super::state::Phase;
use super::{addon, cluster_delete, node_group_create, node_group_delete, update};
use crate::services::logs;
use crate::world::{Call, Pending};

/// Ends a change; its subject says what it is about: `cluster/NAME`, `update/CLUSTER/ID`, …
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    let parts: Vec<&str> = pending.subject.splitn(3, '/').collect();
    match (parts.as_slice(), pending.change.as_str()) {
        (["cluster", name], "create") => cluster_created(call, name),
        (["cluster", name], "delete") => cluster_delete::complete(call, name),
        (["logs", name], _) => cluster_delete::write_late_logs(call, name),
        (["update", cluster, id], _) => update::complete(call, cluster, id),
        (["nodegroup", cluster, name], "create") => node_group_create::complete(call, cluster, name),
        (["nodegroup", cluster, name], "delete") => node_group_delete::complete(call, cluster, name),
        (["addon", cluster, name], "create") => addon::created(call, cluster, name),
        (["addon", cluster, name], "delete") => addon::deleted(call, cluster, name),
        _ => {}
    }
}

fn cluster_created(call: &mut Call<'_>, name: &str) {
    let Ok(cluster) = cluster::find_mut(call, name) else { return };
    cluster.phase = Phase::Active;
    let Cluster { logging, .. } = &*cluster;
    let group = (!logging.is_empty()).then(|| cluster.log_group());
    if let Some(group) = group {
        logs::write(call, &group, "kube-apiserver-audit", "the control plane starts");
    }
}
