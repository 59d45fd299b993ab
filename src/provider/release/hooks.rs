//! Hooks, one after the other, in Helm's order.
//! Helm: `pkg/action/hooks.go`.

use std::time::Duration;

use super::Told;
use super::error::DeployError;
use super::objects::target;
use super::work::Work;
use crate::provider::kube::{Cluster, How, NotReady, Target};
use crate::provider::{Class, Error};
use crate::release::{Hook, HookEvent, objects};

impl Work<'_> {
    /// Runs the hooks of an event. Those that are to go when they succeeded go when all have, or when one failed.
    pub(super) async fn hooks(&self, event: HookEvent) -> Result<(), DeployError> {
        let mut succeeded = Vec::new();
        let ran = self.run_hooks(event, &mut succeeded).await;
        for target in succeeded {
            remove(self.cluster, &target, self.patience).await?;
        }
        ran
    }

    async fn run_hooks(&self, event: HookEvent, succeeded: &mut Vec<Target>) -> Result<(), DeployError> {
        for hook in self.revision.hooks_for(event) {
            // What a hook makes is nobody's: it is not part of the release.
            for object in objects(&hook.manifest, self.revision.namespace())? {
                let target = target(&object);
                // What an earlier run left that was cut would not run again: Helm refuses such a hook.
                let runs = ["Job", "Pod"].contains(&target.kind.as_str());
                if hook.delete_policies.is_empty() || has(&hook, "before-hook-creation") || runs {
                    remove(self.cluster, &target, self.patience).await?;
                }
                let applied = self.cluster.apply(&target, &object.body, How { force: false, ..self.how() });
                applied.await.map_err(|error| DeployError::Apply(vec![error]))?;
                if let Err(error) = finish(self.cluster, &target, self.patience).await {
                    if has(&hook, "hook-failed") {
                        remove(self.cluster, &target, self.patience).await?;
                    }
                    return Err(DeployError::Hook { hook: hook.name, source: Box::new(error) });
                }
                if has(&hook, "hook-succeeded") {
                    succeeded.push(target);
                }
            }
            (self.tell)(Told::Hook(hook.name));
        }
        Ok(())
    }
}

fn has(hook: &Hook, policy: &str) -> bool {
    hook.delete_policies.iter().any(|has| has == policy)
}

/// Jobs and pods run to their end; a definition of kinds is served; anything else is done when it is there.
async fn finish(cluster: &Cluster, target: &Target, patience: Duration) -> Result<(), NotReady> {
    match target.kind.as_str() {
        "Job" | "CustomResourceDefinition" => cluster.wait(target, patience).await,
        "Pod" => cluster.wait_ended(target, patience).await,
        _ => Ok(()),
    }
}

/// Removes what a hook made. Definitions stay whatever the hook asks for, as in Helm: all objects of their kinds would
/// go with them.
async fn remove(cluster: &Cluster, target: &Target, patience: Duration) -> Result<(), Error> {
    if target.kind == "CustomResourceDefinition" {
        return Ok(());
    }
    let Some(live) = cluster.get(target).await? else { return Ok(()) };
    cluster.delete(target, &live).await?;
    if cluster.wait_gone(target, patience).await? {
        return Ok(());
    }
    let message = format!("{target} is still there after {} s", patience.as_secs());
    Err(Error { class: Class::DependencyViolation, ..Error::local("kubernetes", "delete", message) })
}
