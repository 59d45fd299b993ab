//! Access policies: what EKS itself grants in a cluster, and where.

use serde_json::{Value, json};

use super::access_entry::{self, Scope};
use super::refuse::{invalid_parameter, invalid_request, not_found};
use super::version::PAGES;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// <https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html>
const POLICIES: [&str; 12] = [
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSBlockStorageClusterPolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSComputeClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSViewPolicy",
];

const PREFIX: &str = "arn:aws:eks::aws:cluster-access-policy/";

/// Policies of an entry.
const PER_ENTRY: usize = 20;

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAccessPolicies.html>
pub(super) fn list_access_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let rows = POLICIES
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "name": name, "arn": format!("{PREFIX}{name}") })));
    Ok(call.page(input, PAGES, rows.collect())?.into())
}

fn scope(input: &Input) -> Result<Scope, Failure> {
    let Some(scope) = input.get("accessScope") else { return Ok(None) };
    let namespaces = scope.texts("namespaces");
    match (scope.text("type").unwrap_or("cluster"), namespaces.is_empty()) {
        ("cluster", true) => Ok(None),
        ("cluster", false) => {
            Err(invalid_parameter("Namespaces cannot be specified for the access scope cluster."))
        }
        (_, true) => Err(invalid_parameter("Namespaces must be specified for the access scope namespace.")),
        (_, false) => Ok(Some(namespaces)),
    }
}

fn show(policy: &str, (scope, since, changed): &(Scope, Time, Time)) -> Value {
    let scope = match scope {
        Some(namespaces) => json!({ "type": "namespace", "namespaces": namespaces }),
        None => json!({ "type": "cluster", "namespaces": [] }),
    };
    json!({
        "policyArn": policy, "accessScope": scope, "associatedAt": since.value(), "modifiedAt": changed.value(),
    })
}

/// Associating again changes the scope.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_AssociateAccessPolicy.html>
pub(super) fn associate_access_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, principal) = (input.str("clusterName").to_owned(), input.str("principalArn").to_owned());
    let policy = input.str("policyArn").to_owned();
    let scope = scope(input)?;
    let now = call.now;
    let entry = access_entry::find_mut(call, &cluster, &principal)?;
    if !policy.strip_prefix(PREFIX).is_some_and(|name| POLICIES.contains(&name)) {
        return Err(invalid_parameter(format!("The policyArn {policy} does not exist.")));
    }
    if entry.kind != "STANDARD" {
        return Err(invalid_request(format!(
            "Access policies cannot be associated with an access entry of type {}.",
            entry.kind
        )));
    }
    let since = entry.policies.get(&policy).map_or(now, |(_, since, _)| *since);
    entry.policies.insert(policy.clone(), (scope, since, now));
    if entry.policies.len() > PER_ENTRY {
        let text = format!("An access entry can have at most {PER_ENTRY} access policies.");
        return Err(super::refuse::over_limit(text));
    }
    Ok(json!({
        "clusterName": cluster, "principalArn": principal,
        "associatedAccessPolicy": show(&policy, &entry.policies[&policy]),
    })
    .into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DisassociateAccessPolicy.html>
pub(super) fn disassociate_access_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let policy = input.str("policyArn");
    let entry = access_entry::find_mut(call, input.str("clusterName"), input.str("principalArn"))?;
    match entry.policies.remove(policy) {
        Some(_) => Ok(Answer::empty()),
        None => Err(not_found(format!("The policy {policy} is not associated with the access entry."))),
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAssociatedAccessPolicies.html>
pub(super) fn list_associated_access_policies(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, principal) = (input.str("clusterName"), input.str("principalArn"));
    let entry = access_entry::find(call, cluster, principal)?;
    let rows = entry.policies.iter().map(|(policy, held)| (policy.clone(), show(policy, held))).collect();
    let mut answer = call.page(input, PAGES, rows)?;
    answer["clusterName"] = cluster.into();
    answer["principalArn"] = principal.into();
    Ok(answer.into())
}
