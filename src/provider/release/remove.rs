//! A release on its way out.

use jiff::Timestamp;
use tokio::time::Instant;

use super::error::DeployError;
use super::objects::target;
use super::records;
use super::releases::Releases;
use super::work::Work;
use crate::model::kubernetes::Release;
use crate::provider::kube::{Target, marked_of};
use crate::release::{HookEvent, Object, Revision, Status, objects, staged, standing};

/// Removes a release with its history. What asks to outlive it stays, as do definitions from `crds/`: others may use
/// their kinds. Returns when everything is gone; a Service goes only when its load balancer is.
pub(super) async fn remove(releases: &Releases, release: &Release) -> Result<(), DeployError> {
    let cluster = &releases.cluster;
    let history = records::history(cluster, &release.namespace, &release.name).await?;
    let Some(newest) = history.last() else { return Ok(()) };
    let mut leaving = newest.clone();
    leaving.mark(Status::Uninstalling, Some("Deletion in progress (or silently failed)"));
    records::update(cluster, &leaving, Timestamp::now().as_second()).await?;
    let rules = &releases.rules;
    let work = Work { cluster, revision: newest, force: false, patience: rules.patience, tell: &|_| () };
    work.hooks(HookEvent::PreDelete).await?;
    remove_objects(work, &history).await?;
    work.hooks(HookEvent::PostDelete).await?;
    // The newest last: as long as it is there, a run that was cut is gone on with.
    for revision in &history {
        cluster.delete_secret(&release.namespace, &revision.secret_name()).await?;
    }
    Ok(())
}

async fn remove_objects(work: Work<'_>, history: &[Revision]) -> Result<(), DeployError> {
    let mut found: Vec<Object> = Vec::new();
    for revision in standing(history) {
        for object in objects(revision.manifest(), revision.namespace())? {
            if !found.iter().any(|known| known.key == object.key) {
                found.push(object);
            }
        }
    }
    let mut stages = staged(found);
    stages.reverse();
    for (_, objects) in stages {
        let mut going = Vec::new();
        for object in objects.iter().filter(|object| !object.is_kept()) {
            let Some(target) = work.cluster.as_served(&target(object)).await? else { continue };
            let Some(live) = work.cluster.get(&target).await? else { continue };
            if marked_of(&live, work.revision.name(), work.revision.namespace()) {
                work.cluster.delete(&target, &live).await?;
                going.push(target);
            }
        }
        wait_until_gone(work, going).await?;
    }
    Ok(())
}

async fn wait_until_gone(work: Work<'_>, going: Vec<Target>) -> Result<(), DeployError> {
    let until = Instant::now() + work.patience;
    let mut left = Vec::new();
    for target in going {
        let patience = until.saturating_duration_since(Instant::now());
        if !work.cluster.wait_gone(&target, patience).await? {
            left.push(target.to_string());
        }
    }
    if left.is_empty() { Ok(()) } else { Err(DeployError::Stays { objects: left, after: work.patience }) }
}
