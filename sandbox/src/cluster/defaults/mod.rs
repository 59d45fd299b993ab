//! What the API server fills in: the defaults of the built-in kinds, and those of a definition's schema.
//! <https://github.com/kubernetes/kubernetes/tree/master/pkg/apis>, the files `defaults.go` and `strategy.go`.

mod custom;
mod other;
mod pod;
mod service;
mod workload;

use serde_json::{Value, json};

use super::json::{default, member};
use super::kinds::Resource;

pub(super) use pod::quality_of;

/// Fills in what an object leaves out.
pub(super) fn fill(resource: &Resource, object: &mut Value) {
    if let Some(schema) = &resource.schema {
        custom::conform(object, schema);
        return;
    }
    match (resource.group.as_str(), resource.kind.as_str()) {
        ("", "Pod") => pod::fill(member(object, "spec")),
        ("", "Service") => service::fill(object),
        ("", "Namespace") => other::namespace(object),
        ("", "Secret") => other::secret(object),
        ("", "Node") => default(object, "spec", json!({})),
        ("", "PersistentVolumeClaim") => other::claim(object),
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "ReplicaSet") => workload::replica_set(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "DaemonSet") => workload::daemon_set(object),
        ("batch", "Job") => workload::job(object),
        ("batch", "CronJob") => workload::cron_job(object),
        ("autoscaling", "HorizontalPodAutoscaler") => other::scaler(object),
        ("networking.k8s.io", "NetworkPolicy") => other::network_policy(object),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => other::binding(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => other::definition(object),
        ("storage.k8s.io", "StorageClass") => other::storage_class(object),
        ("admissionregistration.k8s.io", _) => other::webhooks(object),
        _ => {}
    }
}
