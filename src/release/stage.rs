//! The stages in which objects are applied: each is there before the next one starts.

use super::object::Object;
use crate::chart::manifest::rank;

/// A stage, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// What others stand in.
    Namespaces,
    /// Kinds that others are of; they count when the API server serves them.
    Definitions,
    /// What workloads start with: settings, secrets, accounts, rights, limits, volumes.
    Configuration,
    /// What runs, and the addresses by which it is found.
    Workloads,
    /// What works on all that: scaling, ingress, webhooks, custom resources.
    Rest,
}

const STAGES: [Stage; 5] =
    [Stage::Namespaces, Stage::Definitions, Stage::Configuration, Stage::Workloads, Stage::Rest];

impl Stage {
    /// The stage that objects of a kind belong to. A kind of a group that is not Kubernetes' own is in the last one,
    /// whatever it is called: its controller may be a workload of the same release.
    pub fn of(group: &str, kind: &str) -> Self {
        let own = matches!(group, "" | "apps" | "batch" | "policy" | "autoscaling" | "extensions")
            || group.ends_with(".k8s.io");
        match kind {
            _ if !own => Self::Rest,
            "Namespace" => Self::Namespaces,
            "CustomResourceDefinition" => Self::Definitions,
            "PriorityClass"
            | "NetworkPolicy"
            | "ResourceQuota"
            | "LimitRange"
            | "PodSecurityPolicy"
            | "PodDisruptionBudget"
            | "ServiceAccount"
            | "Secret"
            | "ConfigMap"
            | "StorageClass"
            | "PersistentVolume"
            | "PersistentVolumeClaim"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "Role"
            | "RoleBinding"
            | "RuntimeClass"
            | "IngressClass" => Self::Configuration,
            "Service"
            | "DaemonSet"
            | "Pod"
            | "ReplicationController"
            | "ReplicaSet"
            | "Deployment"
            | "StatefulSet"
            | "Job"
            | "CronJob" => Self::Workloads,
            _ => Self::Rest,
        }
    }
}

/// Objects by stage, stages without any left out; inside a stage in the order in which Helm installs.
pub fn staged(objects: Vec<Object>) -> Vec<(Stage, Vec<Object>)> {
    let mut stages: Vec<(Stage, Vec<Object>)> = STAGES.map(|stage| (stage, Vec::new())).into();
    for object in objects {
        let stage = Stage::of(&object.key.group, &object.key.kind);
        stages[stage as usize].1.push(object);
    }
    for (_, objects) in &mut stages {
        objects.sort_by(|a, b| rank(&a.key.kind).cmp(&rank(&b.key.kind)));
    }
    stages.retain(|(_, objects)| !objects.is_empty());
    stages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::objects;

    #[test]
    fn what_others_need_comes_first() {
        let kinds = [
            ("autoscaling/v2", "HorizontalPodAutoscaler"),
            ("apps/v1", "Deployment"),
            ("v1", "Service"),
            ("example.com/v1", "Role"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("v1", "Secret"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("v1", "Namespace"),
        ];
        let manifest: String = kinds
            .iter()
            .map(|(group, kind)| format!("---\napiVersion: {group}\nkind: {kind}\nmetadata: {{name: a}}\n"))
            .collect();
        let staged = staged(objects(&manifest, "x").unwrap());
        let told: Vec<String> = staged
            .iter()
            .map(|(stage, objects)| {
                let kinds: Vec<&str> = objects.iter().map(|object| object.key.kind.as_str()).collect();
                format!("{stage:?}: {}", kinds.join(" "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "Namespaces: Namespace",
                "Definitions: CustomResourceDefinition",
                "Configuration: Secret Role",
                "Workloads: Service Deployment",
                "Rest: Role HorizontalPodAutoscaler",
            ]
        );
    }
}
