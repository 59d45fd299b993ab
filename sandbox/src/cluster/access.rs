//! What a caller may do: the access policies of EKS.
//! <https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html>
//!
//! Bindings of roles in the cluster are stored and not followed: an access entry gets its rights by policies.

use super::identity::Identity;
use super::kinds::Resource;
use super::refusal::Refusal;

const READS: [&str; 3] = ["get", "list", "watch"];

/// Whether a policy lets somebody do something with a kind in a namespace (or outside of them).
fn allows(policy: &str, verb: &str, resource: &Resource, subresource: &str) -> bool {
    let reads = READS.contains(&verb);
    let group = resource.group.as_str();
    let roles = group == "rbac.authorization.k8s.io";
    let secret = resource.is("", "Secret") || ["exec", "portforward"].contains(&subresource);
    let quota =
        resource.is("", "ResourceQuota") || resource.is("", "Namespace") || resource.is("", "LimitRange");
    match policy {
        "AmazonEKSClusterAdminPolicy" => true,
        "AmazonEKSAdminViewPolicy" => reads,
        "AmazonEKSAdminPolicy" => resource.namespaced && !resource.custom && (reads || !quota),
        "AmazonEKSEditPolicy" => resource.namespaced && !resource.custom && !roles && (reads || !quota),
        "AmazonEKSViewPolicy" => resource.namespaced && !resource.custom && reads && !secret && !roles,
        _ => false,
    }
}

/// Refuses what no grant allows.
///
/// # Errors
/// 403 in the words of the API server.
pub(super) fn check(
    identity: &Identity,
    verb: &str,
    (resource, subresource): (&Resource, &str),
    (namespace, name): (&str, &str),
) -> Result<(), Refusal> {
    let granted = identity.grants.iter().any(|(policy, scope)| {
        let here = scope.as_ref().is_none_or(|spaces| {
            resource.namespaced && spaces.iter().any(|space| crate::world::matches(space, namespace))
        });
        here && allows(policy, verb, resource, subresource)
    });
    if granted {
        return Ok(());
    }
    let what = if subresource.is_empty() {
        resource.plural.clone()
    } else {
        format!("{}/{subresource}", resource.plural)
    };
    let place = if namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {namespace:?}")
    };
    let why = format!(
        "User {:?} cannot {verb} resource {what:?} in API group {:?} {place}",
        identity.username, resource.group
    );
    Err(Refusal::forbidden(resource, name, &why))
}
