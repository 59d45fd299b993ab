//! Security groups and network interfaces.

use aws_sdk_ec2::types::{Filter, NetworkInterface, SecurityGroup};

use super::list::{Found, leftover};
use super::owner::{Cluster, of_ec2, served};
use crate::model::Ref;
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::provider::Error;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Service};

pub(super) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

pub(super) async fn groups(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SecurityGroup>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_security_groups().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeSecurityGroups", page).await?;
        Ok((page.security_groups, page.next_token))
    })
    .await
}

pub(super) async fn security_groups(aws: &Aws, vpc: &str, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let all = groups(aws, vec![filter("vpc-id", vpc)]).await?;
    Ok(all.iter().filter_map(|group| group_found(group, cluster)).collect())
}

fn group_found(group: &SecurityGroup, cluster: Cluster<'_>) -> Option<Found> {
    let tags = of_ec2(group.tags());
    let (id, name) = (group.group_id()?, group.group_name().unwrap_or_default());
    let made = name != "default" && cluster.made(&tags);
    made.then(|| Found::internal(leftover(LeftoverKind::SecurityGroup, id, name, served(&tags))))
}

/// Interfaces that the CNI made for a node and could not delete when the node went: nothing uses them, and they
/// keep subnet and security group from going.
pub(super) async fn interfaces(aws: &Aws, vpc: &str, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &[filter("vpc-id", vpc), filter("status", "available")]);
    let all: Vec<NetworkInterface> = pages(|next| async move {
        let page = || {
            let call = ec2.describe_network_interfaces().set_filters(Some(filters.to_vec()));
            call.max_results(1000).set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeNetworkInterfaces", page).await?;
        Ok((page.network_interfaces, page.next_token))
    })
    .await?;
    Ok(all.iter().filter_map(|interface| interface_found(interface, cluster)).collect())
}

fn interface_found(interface: &NetworkInterface, cluster: Cluster<'_>) -> Option<Found> {
    let tags = of_ec2(interface.tag_set());
    let description = interface.description().unwrap_or_default();
    let is_of_cni = description.starts_with("aws-K8S-") && !cluster.is_of_another(&tags);
    if !is_of_cni && !cluster.made(&tags) {
        return None;
    }
    let id = interface.network_interface_id()?;
    let groups = interface.groups().iter().filter_map(|group| group.group_id());
    let leftover = Leftover {
        subnets: interface.subnet_id().map(Ref::external).into_iter().collect(),
        security_groups: groups.map(Ref::external).collect(),
        ..leftover(LeftoverKind::NetworkInterface, id, id, Some(description.to_owned()))
    };
    Some(Found::internal(leftover))
}
