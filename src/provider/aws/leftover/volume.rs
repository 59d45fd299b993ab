//! Volumes of claims.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, Volume, VolumeState};

use super::list::{Found, leftover};
use super::network::filter;
use super::owner::{Cluster, of_ec2, served};
use super::price;
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::provider::Error;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Service};

/// Tags of volumes that a storage driver made for a claim, not those of nodes.
const OF_A_CLAIM: [&str; 3] =
    ["kubernetes.io/created-for/pvc/name", "ebs.csi.aws.com/cluster", "CSIVolumeName"];

pub(super) async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Volume>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_volumes().set_filters(Some(filters.clone())).max_results(500);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeVolumes", page).await?;
        Ok((page.volumes, page.next_token))
    })
    .await
}

/// The volumes of a cluster's claims. A volume is in a zone, in no VPC, so the cluster's tag alone tells.
pub(super) async fn volumes(aws: &Aws, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let owned = filter("tag-key", &cluster.ownership_tag());
    let named = filter("tag:KubernetesCluster", cluster.name);
    let mut all = BTreeMap::new();
    for filter in [owned, named] {
        for volume in describe(aws, vec![filter]).await? {
            all.insert(volume.volume_id().unwrap_or_default().to_owned(), volume);
        }
    }
    Ok(all.values().filter_map(|volume| volume_found(volume, cluster)).collect())
}

fn volume_found(volume: &Volume, cluster: Cluster<'_>) -> Option<Found> {
    let tags = of_ec2(volume.tags());
    let is_claims = OF_A_CLAIM.iter().any(|key| tags.contains_key(*key));
    if !is_claims || !cluster.made(&tags) || is_gone(volume) {
        return None;
    }
    let id = volume.volume_id()?;
    let gib = volume.size().and_then(|gib| u32::try_from(gib).ok()).unwrap_or_default();
    let sort = volume.volume_type().map_or("gp3", |sort| sort.as_str());
    let detail = [Some(format!("{gib} GiB {sort}")), served(&tags)];
    let leftover = Leftover {
        data_loss: true,
        cost_a_day: Some(price::volume(sort, gib)),
        ..leftover(
            LeftoverKind::Volume,
            id,
            tags.get("Name").map_or(id, String::as_str),
            Some(detail.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        )
    };
    Some(Found::internal(leftover))
}

pub(super) fn is_gone(volume: &Volume) -> bool {
    matches!(volume.state(), Some(VolumeState::Deleting | VolumeState::Deleted))
}
