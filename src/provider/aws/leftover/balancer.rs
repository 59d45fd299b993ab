//! Load balancers of both generations and target groups.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerSchemeEnum, TargetGroup};

use super::list::{Found, leftover};
use super::owner::{Cluster, TagMap, served};
use super::price;
use crate::model::Ref;
use crate::model::ec2::{Leftover, LeftoverKind};
use crate::provider::Error;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Service};

/// How many things DescribeTags takes at once, in both generations.
const TAGGED_AT_ONCE: usize = 20;

/// What the second generation has in a VPC.
pub(super) async fn second(aws: &Aws, vpc: &str, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let balancers = balancers(aws).await?.into_iter().filter(|balancer| balancer.vpc_id() == Some(vpc));
    let balancers: Vec<LoadBalancer> = balancers.collect();
    let groups = groups(aws).await?.into_iter().filter(|group| group.vpc_id() == Some(vpc));
    let groups: Vec<TargetGroup> = groups.collect();
    let arns = balancers.iter().filter_map(LoadBalancer::load_balancer_arn);
    let arns: Vec<String> =
        arns.chain(groups.iter().filter_map(TargetGroup::target_group_arn)).map(str::to_owned).collect();
    let tags = tags(aws, &arns).await?;
    let of = |arn: Option<&str>| tags.get(arn.unwrap_or_default()).filter(|tags| cluster.made(tags));
    let mut found: Vec<Found> = balancers
        .iter()
        .filter_map(|balancer| Some(balancer_found(balancer, of(balancer.load_balancer_arn())?)))
        .collect();
    found.extend(groups.iter().filter_map(|group| {
        let tags = of(group.target_group_arn())?;
        let (id, name) = (group.target_group_arn()?, group.target_group_name().unwrap_or_default());
        Some(Found::internal(leftover(LeftoverKind::TargetGroup, id, name, served(tags))))
    }));
    Ok(found)
}

fn balancer_found(balancer: &LoadBalancer, tags: &TagMap) -> Found {
    let sort = balancer.r#type().map_or("network", |sort| sort.as_str());
    let detail = [Some(sort.to_owned()), served(tags)].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let zones = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    let leftover = Leftover {
        subnets: zones.map(Ref::external).collect(),
        security_groups: balancer.security_groups().iter().map(Ref::external).collect(),
        cost_a_day: Some(price::load_balancer()),
        ..leftover(
            LeftoverKind::LoadBalancer,
            balancer.load_balancer_arn().unwrap_or_default(),
            balancer.load_balancer_name().unwrap_or_default(),
            Some(detail),
        )
    };
    Found { leftover, public: balancer.scheme() == Some(&LoadBalancerSchemeEnum::InternetFacing) }
}

async fn balancers(aws: &Aws) -> Result<Vec<LoadBalancer>, Error> {
    let elbv2 = &aws.clients().elbv2;
    pages(|marker| async move {
        let page = || elbv2.describe_load_balancers().set_marker(marker.clone()).send();
        let page = aws.read(Service::Elbv2, "DescribeLoadBalancers", page).await?;
        Ok((page.load_balancers, page.next_marker))
    })
    .await
}

async fn groups(aws: &Aws) -> Result<Vec<TargetGroup>, Error> {
    let elbv2 = &aws.clients().elbv2;
    pages(|marker| async move {
        let page = || elbv2.describe_target_groups().set_marker(marker.clone()).send();
        let page = aws.read(Service::Elbv2, "DescribeTargetGroups", page).await?;
        Ok((page.target_groups, page.next_marker))
    })
    .await
}

async fn tags(aws: &Aws, arns: &[String]) -> Result<BTreeMap<String, TagMap>, Error> {
    let elbv2 = &aws.clients().elbv2;
    let mut all = BTreeMap::new();
    for arns in arns.chunks(TAGGED_AT_ONCE) {
        let call = || elbv2.describe_tags().set_resource_arns(Some(arns.to_vec())).send();
        for described in aws.read(Service::Elbv2, "DescribeTags", call).await?.tag_descriptions() {
            let tags = described
                .tags()
                .iter()
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
            all.insert(described.resource_arn().unwrap_or_default().to_owned(), tags.collect());
        }
    }
    Ok(all)
}

/// What the first generation has in a VPC.
pub(super) async fn first(aws: &Aws, vpc: &str, cluster: Cluster<'_>) -> Result<Vec<Found>, Error> {
    let elb = &aws.clients().elb;
    let all: Vec<LoadBalancerDescription> = pages(|marker| async move {
        let page = || elb.describe_load_balancers().set_marker(marker.clone()).send();
        let page = aws.read(Service::Elb, "DescribeLoadBalancers", page).await?;
        Ok((page.load_balancer_descriptions, page.next_marker))
    })
    .await?;
    let here: Vec<_> = all.into_iter().filter(|balancer| balancer.vpc_id() == Some(vpc)).collect();
    let names: Vec<String> =
        here.iter().filter_map(|balancer| balancer.load_balancer_name().map(str::to_owned)).collect();
    let tags = classic_tags(aws, &names).await?;
    Ok(here.iter().filter_map(|balancer| classic_found(balancer, &tags, cluster)).collect())
}

fn classic_found(
    balancer: &LoadBalancerDescription,
    tags: &BTreeMap<String, TagMap>,
    cluster: Cluster<'_>,
) -> Option<Found> {
    let name = balancer.load_balancer_name()?;
    let tags = tags.get(name).filter(|tags| cluster.made(tags))?;
    let leftover = Leftover {
        subnets: balancer.subnets().iter().map(Ref::external).collect(),
        security_groups: balancer.security_groups().iter().map(Ref::external).collect(),
        cost_a_day: Some(price::classic_load_balancer()),
        ..leftover(LeftoverKind::ClassicLoadBalancer, name, name, served(tags))
    };
    Some(Found { leftover, public: balancer.scheme() == Some("internet-facing") })
}

async fn classic_tags(aws: &Aws, names: &[String]) -> Result<BTreeMap<String, TagMap>, Error> {
    let elb = &aws.clients().elb;
    let mut all = BTreeMap::new();
    for names in names.chunks(TAGGED_AT_ONCE) {
        let call = || elb.describe_tags().set_load_balancer_names(Some(names.to_vec())).send();
        for described in aws.read(Service::Elb, "DescribeTags", call).await?.tag_descriptions() {
            let tags = described.tags().iter();
            let tags = tags.map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned()));
            all.insert(described.load_balancer_name().unwrap_or_default().to_owned(), tags.collect());
        }
    }
    Ok(all)
}
