//! Rolling a release back.

use std::time::Duration;

use jiff::Timestamp;

use super::error::DeployError;
use super::work::Work;
use super::{Told, colors, records};
use crate::provider::kube::Cluster;
use crate::release::{HookEvent, Revision, Status, excess, in_color, rollback, standing};

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The release.
    pub release: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The revision to go back to; the last before this one that stood, if it is not given.
    pub to: Option<u64>,
    /// Takes fields that others own.
    pub force_conflicts: bool,
    /// How long the objects of a stage may take to be ready.
    pub patience: Duration,
    /// How many revisions are kept.
    pub keep: usize,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The number of the new revision.
    pub revision: u64,
    /// The number of the one whose objects it has.
    pub from: u64,
}

/// Rolls a release back: records the new revision, applies its objects, deletes what it no longer has, and records
/// what came of it.
///
/// # Errors
/// The revision is recorded as failed then, with why; what was deployed before still counts as deployed.
pub async fn roll_back(
    cluster: &Cluster,
    order: Order<'_>,
    now: Timestamp,
    tell: &(dyn Fn(Told) + Send + Sync),
) -> Result<Outcome, DeployError> {
    let history = records::history(cluster, order.namespace, order.release).await?;
    let (mut revision, from) = rollback(order.release, &history, order.to, now)?;
    if let Some(color) = colors::again(cluster, &revision, &history).await? {
        revision = in_color(revision, color);
    }
    records::create(cluster, &revision, now.as_second()).await?;
    let Order { force_conflicts: force, patience, .. } = order;
    let work = Work { cluster, revision: &revision, force, patience, tell };
    let done = bring_to_stand(work, &history).await;
    if let Err(error) = done {
        let why = format!("Rollback \"{}\" failed: {error}", order.release);
        revision.mark(Status::Failed, Some(&why));
        records::update(cluster, &revision, now.as_second()).await?;
        return Err(error);
    }
    // First what is over: two that are deployed are never left.
    settle(cluster, &history, now).await?;
    revision.mark(Status::Deployed, None);
    records::update(cluster, &revision, now.as_second()).await?;
    for number in excess(&history, order.keep) {
        let name = format!("sh.helm.release.v1.{}.v{number}", order.release);
        cluster.delete_secret(order.namespace, &name).await?;
    }
    Ok(Outcome { revision: revision.number(), from })
}

async fn bring_to_stand(work: Work<'_>, history: &[Revision]) -> Result<(), DeployError> {
    work.hooks(HookEvent::PreRollback).await?;
    work.apply().await?;
    work.prune(&standing(history)).await?;
    work.hooks(HookEvent::PostRollback).await
}

/// What stood no longer does, and what an interrupted run left pending failed.
pub(super) async fn settle(
    cluster: &Cluster,
    history: &[Revision],
    now: Timestamp,
) -> Result<(), DeployError> {
    for earlier in history {
        let status = match earlier.status() {
            Status::Deployed => Status::Superseded,
            status if status.is_pending() => Status::Failed,
            _ => continue,
        };
        let mut earlier = earlier.clone();
        earlier.mark(status, (status == Status::Failed).then_some("interrupted"));
        records::update(cluster, &earlier, now.as_second()).await?;
    }
    Ok(())
}
