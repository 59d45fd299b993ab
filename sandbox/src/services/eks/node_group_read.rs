//! Looking at node groups.

use serde_json::json;

use super::state::{Phase, members};
use super::version::PAGES;
use super::{cluster, node_group, update};
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeNodegroup.html>
pub(super) fn describe_nodegroup(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, name) = (input.str("clusterName").to_owned(), input.str("nodegroupName").to_owned());
    let group = node_group::find(call, &cluster, &name)?;
    let (phase, under_way) = (group.phase, group.update.clone());
    let shown = node_group::show(call, &cluster, group);
    match (phase, under_way) {
        (Phase::Updating, Some(id)) => call.shown(&update::subject(&cluster, &id)),
        (Phase::Creating | Phase::Deleting, _) => call.shown(&node_group::subject(&cluster, &name)),
        _ => {}
    }
    Ok(json!({ "nodegroup": shown }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListNodegroups.html>
pub(super) fn list_nodegroups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName");
    cluster::find(call, cluster)?;
    let rows = members(&call.home().eks.node_groups, cluster);
    let rows = rows.map(|(name, _)| (name.to_owned(), name.into())).collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// Fargate profiles are not modelled, so there are none.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListFargateProfiles.html>
pub(super) fn list_none(call: &mut Call<'_>, input: &Input) -> Outcome {
    cluster::find(call, input.str("clusterName"))?;
    Ok(call.page(input, PAGES, Vec::new())?.into())
}
