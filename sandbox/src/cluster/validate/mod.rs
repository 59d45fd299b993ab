//! What is refused: names, what is missing, and what cannot be changed, as far as charts and releases run into it.

mod kinds;
mod names;
mod workload;

use serde_json::Value;

use super::json::name;
use super::kinds::Resource;
use super::refusal::Refusal;

/// The most bytes that a ConfigMap or a Secret may hold.
const MOST: usize = 1024 * 1024;

/// Refuses an object that cannot be; `live` is what it was.
///
/// # Errors
/// 422 with every fault found.
pub(super) fn check(resource: &Resource, live: Option<&Value>, object: &Value) -> Result<(), Refusal> {
    let mut causes = Vec::new();
    if live.is_none() {
        names::check(resource, object, &mut causes);
    }
    if !resource.custom {
        match (resource.group.as_str(), resource.kind.as_str()) {
            ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet") => {
                workload::check(live, object, &mut causes);
            }
            ("batch", "Job") => workload::job(live, object, &mut causes),
            ("", "Pod") => workload::pod(live, object, &mut causes),
            ("", "Service") => kinds::service(live, object, &mut causes),
            ("", "ConfigMap" | "Secret") => kinds::data(live, object, MOST, &mut causes),
            ("apiextensions.k8s.io", _) => kinds::definition(object, &mut causes),
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
                kinds::binding(live, object, &mut causes);
            }
            ("policy", _) => kinds::budget(object, &mut causes),
            _ => {}
        }
    } else if let Some(schema) = &resource.schema {
        kinds::typed(object, schema, "", &mut causes);
    }
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(resource, name(object), &causes)) }
}
