//! A release on its way into a cluster: recorded, applied, awaited, recorded.

use jiff::Timestamp;

use super::colors;
use super::error::DeployError;
use super::look::recorded;
use super::made::Made;
use super::records;
use super::releases::Releases;
use super::rollback::{Order, roll_back, settle};
use super::work::Work;
use crate::chart::render;
use crate::model::kubernetes::{OnFailure, Release, Strategy};
use crate::release::{
    Composition, HookEvent, Rendering, Revision, Status, compose, excess, standing, stood_last,
};

/// The next revision of a release, pending, and what it was rendered from.
pub(super) async fn next(
    releases: &Releases,
    release: &Release,
    history: &[Revision],
    now: Timestamp,
) -> Result<(Revision, Rendering), DeployError> {
    let no_chart = || DeployError::NoChart(release.chart.clone());
    let chart = releases.chart(release).ok_or_else(no_chart)?;
    let mut rendering = releases.render(release).ok_or_else(no_chart)??;
    let masked = rendering.masked();
    let differs = |label: &&String| masked.get(*label) != release.objects.get(*label);
    if let Some(object) = masked.keys().chain(release.objects.keys()).find(differs) {
        return Err(DeployError::Otherwise { object: object.clone() });
    }
    if !release.makes_once.is_empty() {
        let made = Made::of(release, &releases.cluster, &recorded(history)?).await?;
        rendering = releases.render_with(release, &made).ok_or_else(no_chart)??;
    }
    if release.strategy == Strategy::BlueGreen {
        rendering = colors::next(releases, release, history).await?.ok_or_else(no_chart)?;
    }
    let last = history.last();
    let number = last.map_or(0, Revision::number) + 1;
    let stood = |revision: &Revision| matches!(revision.status(), Status::Deployed | Status::Superseded);
    let subject = render::Release {
        name: release.name.clone(),
        namespace: release.namespace.clone(),
        revision: i64::try_from(number).unwrap_or(i64::MAX),
        is_upgrade: history.iter().any(stood),
    };
    let revision = compose(&Composition {
        release: &subject,
        chart,
        values: &rendering.values,
        rendered: &rendering.rendered,
        first_deployed: last.map(Revision::first_deployed).filter(|first| !first.is_empty()),
        at: now,
    });
    Ok((revision, rendering))
}

/// Brings a release to stand. A revision that an earlier run left pending, with the same content, is gone on with; any
/// other that is pending counts as failed from now on.
pub(super) async fn deploy(releases: &Releases, release: &Release) -> Result<(), DeployError> {
    let cluster = &releases.cluster;
    let now = Timestamp::now();
    let mut history = records::history(cluster, &release.namespace, &release.name).await?;
    let (next, rendering) = next(releases, release, &history, now).await?;
    let is_same = |last: &mut Revision| last.status().is_pending() && last.has_content_of(&next);
    let mut revision = match history.pop_if(is_same) {
        Some(begun) => begun,
        None => {
            records::create(cluster, &next, now.as_second()).await?;
            next
        }
    };
    let rules = &releases.rules;
    let work = Work {
        cluster,
        revision: &revision,
        force: rules.force_conflicts,
        patience: rules.patience,
        tell: &|_| (),
    };
    if let Err(error) = bring_to_stand(work, &rendering, &history).await {
        return Err(failed(releases, release, revision, &history, error).await?);
    }
    // First what is over: whoever is cut in between leaves a revision that is pending, and the next run goes on with it.
    settle(cluster, &history, now).await?;
    let done =
        if revision.status() == Status::PendingUpgrade { "Upgrade complete" } else { "Install complete" };
    revision.mark(Status::Deployed, Some(done));
    records::update(cluster, &revision, now.as_second()).await?;
    for number in excess(&history, rules.keep) {
        let name = format!("sh.helm.release.v1.{}.v{number}", release.name);
        cluster.delete_secret(&release.namespace, &name).await?;
    }
    Ok(())
}

async fn bring_to_stand(
    work: Work<'_>,
    rendering: &Rendering,
    history: &[Revision],
) -> Result<(), DeployError> {
    let upgrade = work.revision.status() == Status::PendingUpgrade;
    let [before, after] = if upgrade {
        [HookEvent::PreUpgrade, HookEvent::PostUpgrade]
    } else {
        [HookEvent::PreInstall, HookEvent::PostInstall]
    };
    // What Helm installs once and leaves alone is kept up to date here.
    work.apply_stage(rendering.definitions.values().cloned().collect()).await?;
    work.hooks(before).await?;
    work.apply().await?;
    work.prune(&standing(history)).await?;
    work.hooks(after).await
}

/// Records a failure, and brings back what stood where that is asked for. Gives the error to tell.
async fn failed(
    releases: &Releases,
    release: &Release,
    mut revision: Revision,
    history: &[Revision],
    error: DeployError,
) -> Result<DeployError, DeployError> {
    let now = Timestamp::now();
    let what = if revision.status() == Status::PendingUpgrade { "Upgrade" } else { "Release" };
    revision.mark(Status::Failed, Some(&format!("{what} \"{}\" failed: {error}", release.name)));
    records::update(&releases.cluster, &revision, now.as_second()).await?;
    let Some(stood) = stood_last(history).filter(|_| release.on_failure == OnFailure::Rollback) else {
        return Ok(error);
    };
    let order = Order {
        release: &release.name,
        namespace: &release.namespace,
        to: Some(stood.number()),
        force_conflicts: releases.rules.force_conflicts,
        patience: releases.rules.patience,
        keep: releases.rules.keep,
    };
    let outcome = roll_back(&releases.cluster, order, now, &|_| ()).await?;
    Ok(DeployError::BroughtBack { to: outcome.from, revision: outcome.revision, source: Box::new(error) })
}
