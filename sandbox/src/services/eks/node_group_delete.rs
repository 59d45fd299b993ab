//! Deleting node groups.

use serde_json::json;

use super::refuse::in_use;
use super::state::{Phase, member};
use super::{addon, node_group};
use crate::services::ec2::requester;
use crate::services::{Outcome, autoscaling};
use crate::wire::input::Input;
use crate::world::Call;

/// Seconds that EKS typically takes.
const TYPICAL: i64 = 240;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteNodegroup.html>
pub(super) fn delete_nodegroup(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("nodegroupName").to_owned());
    let group = node_group::find(call, &cluster, &name)?;
    let busy = match (group.phase, &group.update) {
        (Phase::Deleting, _) => Some("is already being deleted".to_owned()),
        (_, Some(id)) => Some(format!("currently has update {id} in progress")),
        _ => None,
    };
    if let Some(why) = busy {
        let text = format!("Nodegroup {name} {why}");
        return Err(in_use(text).with("clusterName", cluster).with("nodegroupName", name));
    }
    call.abandon(&node_group::subject(&cluster, &name));
    let group = node_group::find_mut(call, &cluster, &name)?;
    group.phase = Phase::Deleting;
    let deleted = group.clone();
    call.begin_removal(&node_group::subject(&cluster, &name), "delete", TYPICAL);
    Ok(json!({ "nodegroup": node_group::show(call, &cluster, &deleted) }).into())
}

/// Ends a deletion: instances, Auto Scaling group and launch template go with it.
pub(super) fn complete(call: &mut Call<'_>, cluster: &str, name: &str) {
    let Some(gone) = call.home_mut().eks.node_groups.remove(&member(cluster, name)) else { return };
    call.home_mut().eks.updates.retain(|key, update| {
        !key.starts_with(&format!("{cluster}/")) || update.node_group.as_deref() != Some(name)
    });
    call.within("autoscaling", |call| autoscaling::requester::drop_group(call, &gone.group));
    call.within("ec2", |call| requester::drop_template(call, &gone.own_template));
    addon::review(call, cluster);
}
