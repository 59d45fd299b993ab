//! What EKS asks of the roles that it is given.

use serde_json::Value;

use super::refuse::invalid_parameter;
use crate::services::iam::{self, document};
use crate::wire::failure::Failure;
use crate::world::{Call, matches};

/// The role with this ARN, if other services can see it already.
pub(super) fn find<'c>(call: &'c Call<'_>, arn: &str) -> Option<&'c iam::Role> {
    call.account_state().iam.role_by_arn(arn, |made| call.visible(made))
}

/// Checks the role of a new cluster.
///
/// # Errors
/// `InvalidParameterException`, in the words that clients retry on.
pub(super) fn check_cluster_role(call: &Call<'_>, arn: &str) -> Result<(), Failure> {
    let Some(role) = find(call, arn) else {
        return Err(invalid_parameter(format!("roleArn, {arn}, does not exist")));
    };
    if !role.trusts("eks.amazonaws.com") {
        return Err(invalid_parameter("Role could not be assumed because the trusted entity is not correct"));
    }
    if !allows(call, role, "ec2:DescribeSubnets") {
        return Err(invalid_parameter(
            "The provided role doesn't have the Amazon EKS Managed Policies associated with it. Please ensure the \
             following policy is attached: arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        ));
    }
    Ok(())
}

/// Checks the role of a new node group.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn check_node_role(call: &Call<'_>, arn: &str) -> Result<(), Failure> {
    let Some(role) = find(call, arn) else {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        return Err(invalid_parameter(format!("The role with name {name} cannot be found.")));
    };
    if !role.trusts("ec2.amazonaws.com") {
        return Err(invalid_parameter(format!(
            "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of \
             nodeRole {arn}"
        )));
    }
    Ok(())
}

/// True when a policy of the role allows an action on anything, conditions aside: what EKS itself can tell.
pub(super) fn allows(call: &Call<'_>, role: &iam::Role, action: &str) -> bool {
    let state = &call.account_state().iam;
    let attached = role.attached.iter().filter_map(|arn| match iam::managed_policy(arn) {
        Some(policy) => Some(policy.document.clone()),
        None => {
            let policy = state.policies.get(arn)?;
            serde_json::from_str(&policy.versions.get(&policy.default)?.document).ok()
        }
    });
    let inline = role.inline.values().filter_map(|text| serde_json::from_str(text).ok());
    attached.chain(inline).any(|policy: Value| {
        document::statements(&policy).into_iter().any(|statement| {
            let action = action.to_lowercase();
            statement["Effect"] == "Allow"
                && document::texts(statement.get("Action"))
                    .iter()
                    .any(|pattern| matches(&pattern.to_lowercase(), &action))
        })
    })
}

/// Why nodes with this role would never join, if they would not.
pub(super) fn why_nodes_fail(call: &Call<'_>, arn: &str, cni_has_its_own: bool) -> Option<String> {
    let Some(role) = find(call, arn) else { return Some(format!("the role {arn} does not exist")) };
    let joins =
        allows(call, role, "eks:DescribeCluster") || allows(call, role, "eks-auth:AssumeRoleForPodIdentity");
    let pulls = allows(call, role, "ecr:GetAuthorizationToken") && allows(call, role, "ecr:BatchGetImage");
    let networks = cni_has_its_own || allows(call, role, "ec2:CreateNetworkInterface");
    let missing: Vec<&str> = [
        (joins, "AmazonEKSWorkerNodePolicy"),
        (pulls, "AmazonEC2ContainerRegistryPullOnly"),
        (networks, "AmazonEKS_CNI_Policy"),
    ]
    .into_iter()
    .filter(|(there, _)| !there)
    .map(|(_, policy)| policy)
    .collect();
    (!missing.is_empty()).then(|| format!("the node role lacks {}", missing.join(", ")))
}
