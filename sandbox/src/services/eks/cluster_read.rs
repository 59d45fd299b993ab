//! Looking at clusters.

use serde_json::json;

use super::cluster;
use super::state::Phase;
use super::update;
use super::version::PAGES;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::Call;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html>
pub(super) fn describe_cluster(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("name").to_owned();
    let cluster = cluster::find(call, &name)?;
    let (phase, under_way) = (cluster.phase, cluster.update.clone());
    let shown = cluster::show(call, cluster);
    match (phase, under_way) {
        (Phase::Updating, Some(id)) => call.shown(&update::subject(&name, &id)),
        (Phase::Creating | Phase::Deleting, _) => call.shown(&cluster::subject(&name)),
        _ => {}
    }
    Ok(json!({ "cluster": shown }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html>
pub(super) fn list_clusters(call: &mut Call<'_>, input: &Input) -> Outcome {
    // `include` brings in clusters that are connected from elsewhere; there are none.
    let _ = input.texts("include");
    let clusters = call.home().eks.clusters.iter();
    let rows = clusters
        .filter(|(_, cluster)| call.visible(cluster.created))
        .map(|(name, _)| (name.to_owned(), name.into()))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}
