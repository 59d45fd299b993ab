//! Service-linked roles: made for a service, owned by it, deleted only when it does not need them any more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::name::{no_such, unique_id};
use super::role::{self, Role};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Pending, Region, Tags};

/// The service, the role's name, its policy, and whether a suffix may be given.
const LINKED: [(&str, &str, &str, bool); 6] = [
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true),
    ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy", false),
    (
        "eks-nodegroup.amazonaws.com",
        "AWSServiceRoleForAmazonEKSNodegroup",
        "AWSServiceRoleForAmazonEKSNodegroup",
        false,
    ),
    (
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
        false,
    ),
    (
        "replication.ecr.amazonaws.com",
        "AWSServiceRoleForECRReplication",
        "ECRReplicationServiceRolePolicy",
        false,
    ),
    ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false),
];

/// Makes the role of a service if the account does not have it, as services do on their first use.
pub fn ensure_service_linked_role(call: &mut Call<'_>, service: &str) {
    let Some(found) = LINKED.iter().find(|(name, ..)| *name == service) else { return };
    if !call.account_state().iam.roles.contains(found.1) {
        make(call, found, None, String::new());
    }
}

fn make(
    call: &mut Call<'_>,
    (service, name, policy, _): &(&str, &str, &str, bool),
    description: Option<String>,
    suffix: String,
) -> Role {
    let name = format!("{name}{suffix}");
    let path = format!("/aws-service-role/{service}/");
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole",
        }],
    });
    let role = Role {
        arn: call.global_arn("iam", &format!("role{path}{name}")),
        id: unique_id(call, "AROA"),
        name: name.clone(),
        path,
        trust: trust.to_string(),
        description,
        max_session: 3600,
        created: call.now,
        attached: BTreeSet::from([format!("arn:aws:iam::aws:policy/aws-service-role/{policy}")]),
        inline: BTreeMap::new(),
        boundary: None,
        tags: Tags::new(),
        linked_to: Some((*service).to_owned()),
    };
    call.account_state_mut().iam.roles.insert(name, role.clone());
    role
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>
pub(super) fn create_service_linked_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let service = input.str("AWSServiceName");
    let Some(found) = LINKED.iter().find(|(name, ..)| *name == service) else {
        return Err(Failure::unmodelled(format!("the service-linked role of {service}")));
    };
    let suffix = input.text("CustomSuffix").map(|suffix| format!("_{suffix}")).unwrap_or_default();
    if !suffix.is_empty() && !found.3 {
        return Err(Failure::new("InvalidInput", format!("Custom suffix is not allowed for {service}")));
    }
    let name = format!("{}{suffix}", found.1);
    if call.account_state().iam.roles.contains(&name) {
        let text = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(Failure::new("InvalidInput", text));
    }
    let role = make(call, found, input.text("Description").map(str::to_owned), suffix);
    Ok(json!({ "Role": role.show(true) }).into())
}

/// Begins the deletion; whether it works shows in its status.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html>
pub(super) fn delete_service_linked_role(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("RoleName").to_owned();
    let Some(service) = role::find(call, &name)?.linked_to.clone() else {
        return Err(no_such(&format!("The service-linked role with name {name}")));
    };
    let task = format!("task/aws-service-role/{service}/{name}/{}", call.world_mut().dice.uuid());
    call.begin_removal(&task, "delete-service-linked-role", 5);
    Ok(json!({ "DeletionTaskId": task }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html>
pub(super) fn get_deletion_status(call: &mut Call<'_>, input: &Input) -> Outcome {
    let task = input.str("DeletionTaskId");
    if call.is_pending(task) {
        call.shown(task);
        return Ok(json!({ "Status": "IN_PROGRESS" }).into());
    }
    match call.account_state().iam.deletion_tasks.get(task) {
        Some(None) => Ok(json!({ "Status": "SUCCEEDED" }).into()),
        Some(Some(why)) => Ok(json!({ "Status": "FAILED", "Reason": { "Reason": why } }).into()),
        None => Err(no_such(&format!("Deletion task {task}"))),
    }
}

/// Ends a deletion: a role that its service still uses stays.
pub(super) fn complete(call: &mut Call<'_>, pending: &Pending) {
    let mut parts = pending.subject.rsplit('/').skip(1);
    let (Some(name), Some(service)) = (parts.next(), parts.next()) else { return };
    let (name, why) = (name.to_owned(), in_use(call, service));
    let state = &mut call.account_state_mut().iam;
    if why.is_none() {
        state.roles.remove(&name);
    }
    state.deletion_tasks.insert(&pending.subject, why);
}

/// Why a service still needs its role: its resources in any region.
fn in_use(call: &Call<'_>, service: &str) -> Option<String> {
    let needs = |region: &Region| match service {
        "eks.amazonaws.com" => !region.eks.clusters.is_empty(),
        "eks-nodegroup.amazonaws.com" => !region.eks.node_groups.is_empty(),
        "autoscaling.amazonaws.com" => !region.autoscaling.groups.is_empty(),
        _ => false,
    };
    let used = call.account_state().regions.iter().find(|(_, region)| needs(region));
    used.map(|(name, _)| format!("A resource of {service} in {name} still needs the role."))
}
