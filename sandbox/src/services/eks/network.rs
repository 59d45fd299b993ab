//! What a cluster needs of its network, and what it makes there.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use super::refuse::invalid_parameter;
use crate::services::ec2::requester::{self, Wish};
use crate::services::ec2::{Rule, Target};
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

/// Addresses that EKS wants free in each subnet.
const FREE: u32 = 6;

/// Interfaces that EKS makes at most.
const INTERFACES: usize = 4;

/// The VPC of the subnets, if they are fit for a cluster.
///
/// # Errors
/// `InvalidParameterException` for what is missing or does not belong together.
pub(super) fn check(call: &Call<'_>, subnets: &[String], groups: &[String]) -> Result<String, Failure> {
    let state = &call.home().ec2;
    let mut vpcs = BTreeSet::new();
    let mut zones = BTreeSet::new();
    for id in subnets {
        let subnet = state.subnets.get(id).ok_or_else(|| {
            invalid_parameter(format!("The subnet ID '{id}' does not exist (InvalidSubnetID.NotFound)"))
        })?;
        if subnet.available() < FREE {
            return Err(invalid_parameter(format!(
                "Subnet {id} has insufficient free IP addresses; EKS needs at least {FREE}."
            )));
        }
        vpcs.insert(subnet.vpc.clone());
        zones.insert(subnet.zone.clone());
    }
    if vpcs.len() > 1 {
        return Err(invalid_parameter("Subnets specified must belong to the same VPC."));
    }
    if zones.len() < 2 {
        return Err(invalid_parameter("Subnets specified must be in at least two different AZs"));
    }
    let vpc = vpcs.pop_first().unwrap_or_default();
    for id in groups {
        let group = state.groups.get(id).filter(|group| group.vpc == vpc);
        group.ok_or_else(|| {
            invalid_parameter(format!("The security group ID '{id}' does not exist in VPC '{vpc}'"))
        })?;
    }
    Ok(vpc)
}

/// The range for services: the one that was asked for, or the one of the two usual ones that the VPC does not have.
///
/// # Errors
/// `InvalidParameterException` for a range that is not private, too small, too large or in the VPC.
pub(super) fn service_range(call: &Call<'_>, asked: Option<&str>, vpc: &str) -> Result<String, Failure> {
    let ranges: Vec<Ipv4Net> = call
        .home()
        .ec2
        .vpcs
        .get(vpc)
        .map(|vpc| vpc.cidrs.iter().map(|range| range.cidr).collect())
        .unwrap_or_default();
    let overlaps = |net: &Ipv4Net| ranges.iter().any(|range| range.contains(net) || net.contains(range));
    let Some(text) = asked else {
        let usual = "10.100.0.0/16".parse::<Ipv4Net>().is_ok_and(|net| !overlaps(&net));
        let ten = ranges.iter().any(|range| range.addr().octets()[0] == 10);
        return Ok(if usual && !ten { "10.100.0.0/16" } else { "172.20.0.0/16" }.to_owned());
    };
    let invalid = || invalid_parameter(format!("serviceIpv4Cidr {text} is not a valid range."));
    let net: Ipv4Net = text.parse().map_err(|_| invalid())?;
    if !net.addr().is_private() || !(12..=24).contains(&net.prefix_len()) {
        return Err(invalid());
    }
    if overlaps(&net) {
        return Err(invalid_parameter(format!("serviceIpv4Cidr {text} overlaps with the VPC's CIDR block.")));
    }
    Ok(text.to_owned())
}

/// Makes the cluster's security group: everything in it may talk to everything in it.
pub(super) fn make_group(call: &mut Call<'_>, cluster: &str, vpc: &str) -> Result<String, Failure> {
    let number = call.world_mut().dice.below(10_000_000_000);
    let name = format!("eks-cluster-sg-{cluster}-{number}");
    let description = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, \
                       as well as any managed workloads.";
    let tags = Tags::from([
        ("Name".to_owned(), name.clone()),
        (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
        ("aws:eks:cluster-name".to_owned(), cluster.to_owned()),
    ]);
    call.within("ec2", |call| {
        let group = requester::make_group(call, (&name, description), vpc, tags)?;
        requester::add_rule(call, Rule::everything(&group, false, Target::Group(group.clone())));
        Ok(group)
    })
}

/// Makes the interfaces of the control plane, one in each of the first subnets.
pub(super) fn make_interfaces(
    call: &mut Call<'_>,
    cluster: &str,
    subnets: &[String],
    groups: &[String],
) -> Result<Vec<String>, Failure> {
    let description = format!("Amazon EKS {cluster}");
    let made: Result<Vec<String>, Failure> = call.within("ec2", |call| {
        let one = |subnet: &String| {
            let kind = "interface";
            let requester = Some("amazon-eks");
            let wish = Wish { subnet, groups, description: &description, kind, requester, public: false };
            requester::make_interface(call, &wish)
        };
        subnets.iter().take(INTERFACES).map(one).collect()
    });
    made.map_err(|failure| invalid_parameter(failure.message))
}

/// Removes interfaces.
pub(super) fn drop_interfaces(call: &mut Call<'_>, interfaces: &[String]) {
    call.within("ec2", |call| interfaces.iter().for_each(|id| requester::drop_interface(call, id)));
}

/// Removes the cluster's group, unless something else still uses it: then it stays behind, as on AWS.
pub(super) fn drop_group(call: &mut Call<'_>, group: &str) {
    let state = &call.home().ec2;
    let worn = state.interfaces.values().any(|interface| interface.groups.iter().any(|id| id == group));
    let named = state
        .rules
        .values()
        .any(|rule| rule.group != group && rule.target == Target::Group(group.to_owned()));
    if !worn && !named {
        call.within("ec2", |call| requester::drop_group(call, group));
    }
}
