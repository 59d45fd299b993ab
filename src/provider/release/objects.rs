//! The objects of a revision: applied stage by stage, and those that are no longer in it deleted.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};

use super::Told;
use super::error::DeployError;
use super::work::Work;
use crate::provider::Error;
use crate::provider::kube::{Cluster, Judgement, Target, judge, marked_of};
use crate::release::{Key, Object, Revision, objects, staged};

/// How many objects are worked on at once.
const AT_ONCE: usize = 8;

impl Work<'_> {
    /// Applies all objects of the revision. Every stage is ready before the next one starts; Services that come to lead
    /// to other pods are switched when all that is done.
    pub(super) async fn apply(&self) -> Result<(), DeployError> {
        let all = objects(self.revision.manifest(), self.revision.namespace())?;
        let (all, switches) = self.take_switches(all).await?;
        for (_, objects) in staged(all) {
            self.apply_stage(objects).await?;
        }
        self.switch(switches).await
    }

    /// Applies objects that need nothing of each other, and waits until all are ready.
    pub(super) async fn apply_stage(&self, objects: Vec<Object>) -> Result<(), DeployError> {
        let targets = self.apply_all(objects).await?;
        self.wait(&targets).await
    }

    /// Applies objects, and gives what to wait for.
    pub(super) async fn apply_all(&self, objects: Vec<Object>) -> Result<Vec<Target>, DeployError> {
        let mut targets = Vec::new();
        let mut errors = Vec::new();
        let applied = objects.into_iter().map(|object| async move {
            let target = target(&object);
            let how = self.how();
            let body = object.owned_by(how.release, how.namespace).body;
            (self.cluster.apply(&target, &body, how).await, target)
        });
        let mut applied = stream::iter(applied).buffered(AT_ONCE);
        while let Some((result, target)) = applied.next().await {
            match result {
                Ok(done) => {
                    (self.tell)(Told::Applied { object: target.to_string(), change: done.change });
                    // What is ready by this answer is not asked for again; a definition's kinds are served a while later.
                    if judge(&done.live) == Judgement::Ready && target.kind != "CustomResourceDefinition" {
                        (self.tell)(Told::Ready(target.to_string()));
                    } else {
                        targets.push(target);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(targets) } else { Err(DeployError::Apply(errors)) }
    }

    /// Waits until all are ready.
    pub(super) async fn wait(&self, targets: &[Target]) -> Result<(), DeployError> {
        let waits = targets
            .iter()
            .map(|target| async move { (self.cluster.wait(target, self.patience).await, target) });
        // All at once: each has its own time from now on.
        let mut waits = waits.collect::<stream::FuturesUnordered<_>>();
        let mut errors = Vec::new();
        while let Some((result, target)) = waits.next().await {
            match result {
                Ok(()) => (self.tell)(Told::Ready(target.to_string())),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(DeployError::NotReady(errors)) }
    }

    /// Deletes what earlier revisions had and this one has not. An object that says it belongs to somebody else, or
    /// that asks to outlive its release, stays.
    pub(super) async fn prune(&self, standing: &[&Revision]) -> Result<(), DeployError> {
        let wanted = objects(self.revision.manifest(), self.revision.namespace())?;
        let wanted: BTreeSet<Key> = wanted.into_iter().map(|object| object.key).collect();
        let mut gone: BTreeMap<Key, Object> = BTreeMap::new();
        for earlier in standing {
            let objects = objects(earlier.manifest(), earlier.namespace())?;
            gone.extend(objects.into_iter().map(|object| (object.key.clone(), object)));
        }
        gone.retain(|key, _| !wanted.contains(key));
        // What others need goes last.
        let mut stages = staged(gone.into_values().collect());
        stages.reverse();
        for object in stages.into_iter().flat_map(|(_, objects)| objects) {
            let target = target(&object);
            if object.is_kept() {
                (self.tell)(Told::Kept(target.to_string()));
            } else if delete(self.cluster, &target, self.revision).await? {
                (self.tell)(Told::Pruned(target.to_string()));
            }
        }
        Ok(())
    }
}

async fn delete(cluster: &Cluster, target: &Target, revision: &Revision) -> Result<bool, Error> {
    // Where its kind is not served any more, it went with it.
    let Some(target) = &cluster.as_served(target).await? else { return Ok(false) };
    let Some(live) = cluster.get(target).await? else { return Ok(false) };
    let ours = marked_of(&live, revision.name(), revision.namespace());
    if ours {
        cluster.delete(target, &live).await?;
    }
    Ok(ours)
}

pub(super) fn target(object: &Object) -> Target {
    Target {
        group: object.key.group.clone(),
        version: object.version.clone(),
        kind: object.key.kind.clone(),
        namespace: object.key.namespace.clone(),
        name: object.key.name.clone(),
    }
}
