//! Where controllers put things: the cluster's network, its subnets by role, its nodes.

use sha2::{Digest as _, Sha256};

use crate::services::autoscaling::Instance;
use crate::services::eks::Cluster;
use crate::wire::failure::Failure;
use crate::world::Call;

/// The cluster called `name`.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn cluster(call: &Call<'_>, name: &str) -> Result<Cluster, Failure> {
    let missing = || Failure::new("ResourceNotFoundException", format!("No cluster found for name: {name}."));
    call.home().eks.clusters.get(name).cloned().ok_or_else(missing)
}

/// The subnets for a load balancer: those that were given, or one a zone of those in the cluster's VPC with the
/// role's tag, the first by id.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/>
///
/// # Errors
/// The controllers' own words when there are none.
pub(super) fn subnets(
    call: &Call<'_>,
    cluster: &Cluster,
    given: &[String],
    internal: bool,
) -> Result<Vec<String>, Failure> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let role = if internal { "kubernetes.io/role/internal-elb" } else { "kubernetes.io/role/elb" };
    let state = &call.home().ec2;
    let tagged = |id: &str| {
        let value = state.tags.get(id).and_then(|tags| tags.get(role));
        value.is_some_and(|value| value.is_empty() || value == "1")
    };
    let mut zones = Vec::new();
    let mut found = Vec::new();
    for (id, subnet) in state.subnets.iter().filter(|(_, subnet)| subnet.vpc == cluster.network.vpc) {
        if tagged(id) && !zones.contains(&subnet.zone) {
            zones.push(subnet.zone.clone());
            found.push(id.to_owned());
        }
    }
    if found.is_empty() {
        let text = format!(
            "unable to resolve at least one subnet (no subnet of {} has the tag {role})",
            cluster.network.vpc
        );
        return Err(Failure::new("FailedBuildModel", text));
    }
    Ok(found)
}

/// The nodes of a cluster.
pub(super) fn nodes(call: &Call<'_>, cluster: &str) -> Vec<Instance> {
    let home = call.home();
    let prefix = format!("{cluster}/");
    let groups = home.eks.node_groups.iter().filter(|(key, _)| key.starts_with(&prefix));
    let scaled = groups.filter_map(|(_, group)| home.autoscaling.groups.get(&group.group));
    scaled.flat_map(|group| group.instances.clone()).collect()
}

/// The letters and digits of a text, at most so many.
fn short(text: &str, most: usize) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(most).collect()
}

/// Ten hexadecimal digits that depend on all parts.
fn digits(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.concat());
    digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// `k8s-NAMESPACE-NAME-DIGITS`, the names of the AWS Load Balancer Controller.
pub(super) fn controller_name((namespace, name): (&str, &str), parts: &[&str]) -> String {
    format!("k8s-{}-{}-{}", short(namespace, 8), short(name, 8), digits(parts))
}

/// The name of the security group that all load balancers of a cluster share.
pub(super) fn shared_name(cluster: &str) -> String {
    format!("k8s-traffic-{}-{}", short(cluster, 232), digits(&[cluster]))
}
