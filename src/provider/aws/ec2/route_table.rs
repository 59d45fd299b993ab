//! Route tables, their routes and their associations with subnets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ec2::types::{
    Filter, ResourceType, Route, RouteOrigin, RouteTable as SdkTable, RouteTableAssociation, Tag,
};

use super::find::{Item, field, filter, observe};
use super::{routes, tags};
use crate::model::ec2::{RouteTable, RouteTarget};
use crate::model::{CloudId, Known, NoOutputs, Ref};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve, resolve_all,
};
use crate::provider::{Class, Error};

impl Item for SdkTable {
    fn id(&self) -> &str {
        self.route_table_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for RouteTable {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(aws, looks, "route-table-id", |filters| describe(aws, filters), |table, _| see(table)).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let RouteTable { vpc, routes: _, subnets: _, tags } = &call.spec;
        let vpc = resolve(&call.known, vpc, "CreateRouteTable")?;
        let ec2 = &aws.clients().ec2;
        let reply = aws
            .converge(Service::Ec2, "CreateRouteTable", || {
                ec2.create_route_table()
                    .vpc_id(vpc)
                    .client_token(&call.token)
                    .set_tag_specifications(tags::at_birth(ResourceType::RouteTable, tags).map(|t| vec![t]))
                    .send()
            })
            .await?;
        let id = reply.route_table.and_then(|table| table.route_table_id);
        Ok(field(id, "CreateRouteTable", "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        if call.touches("routes") {
            update_routes(aws, &call).await?;
        }
        if call.touches("subnets") {
            update_subnets(aws, &call).await?;
        }
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let found = describe(aws, vec![filter("route-table-id", [call.id.as_str()])]).await?;
        for association in found.iter().flat_map(associations) {
            disassociate(aws, association).await?;
        }
        let ec2 = &aws.clients().ec2;
        let deleted = aws.remove(Service::Ec2, "DeleteRouteTable", || {
            ec2.delete_route_table().route_table_id(call.id.as_str()).send()
        });
        gone_is_fine(deleted.await)
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkTable>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_route_tables().set_filters(Some(filters.clone())).max_results(100);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeRouteTables", page).await?;
        Ok((page.route_tables, page.next_token))
    })
    .await
}

fn see(table: &SdkTable) -> Result<Seen<RouteTable>, Error> {
    let subnets = associations(table).filter_map(RouteTableAssociation::subnet_id).map(Ref::external);
    let spec = RouteTable {
        vpc: Ref::external(field(table.vpc_id(), "DescribeRouteTables", "the VPC")?),
        routes: table.routes().iter().filter_map(route).collect(),
        subnets: subnets.collect(),
        tags: tags::from_sdk(table.tags()),
    };
    Ok(Seen::ready(table.id(), spec, NoOutputs {}))
}

/// Destination and target of a route that somebody put there; see [`RouteTable`] for those that are passed over.
fn route(route: &Route) -> Option<(String, RouteTarget)> {
    if route.origin().is_some_and(|origin| *origin != RouteOrigin::CreateRoute) {
        return None;
    }
    let destination = route
        .destination_cidr_block()
        .or(route.destination_ipv6_cidr_block())
        .or(route.destination_prefix_list_id())?;
    let target = match (route.gateway_id(), route.nat_gateway_id()) {
        (Some("local"), _) => return None,
        // A gateway endpoint puts its own routes there, by prefix list.
        (Some(id), _) if id.starts_with("vpce-") && route.destination_prefix_list_id().is_some() => {
            return None;
        }
        (Some(id), _) if id.starts_with("igw-") => RouteTarget::InternetGateway(Ref::external(id)),
        (Some(id), _) => RouteTarget::Other(id.to_owned()),
        (None, Some(id)) => RouteTarget::NatGateway(Ref::external(id)),
        (None, None) => RouteTarget::Other(
            route
                .transit_gateway_id()
                .or(route.vpc_peering_connection_id())
                .or(route.egress_only_internet_gateway_id())
                .or(route.carrier_gateway_id())
                .or(route.local_gateway_id())
                .or(route.core_network_arn())
                .or(route.network_interface_id())
                .or(route.instance_id())
                .unwrap_or_default()
                .to_owned(),
        ),
    };
    Some((destination.to_owned(), target))
}

/// The standing associations with subnets (not the one that makes a table the main one).
fn associations(table: &SdkTable) -> impl Iterator<Item = &RouteTableAssociation> {
    table.associations().iter().filter(|association| {
        let state = association.association_state().and_then(|state| state.state());
        association.subnet_id().is_some()
            && !matches!(
                state.map(|state| state.as_str()),
                Some("disassociating" | "disassociated" | "failed")
            )
    })
}

async fn update_routes(aws: &Aws, call: &Revision<RouteTable>) -> Result<(), Error> {
    for (destination, target) in &call.spec.routes {
        if call.live.routes.get(destination) != Some(target) {
            let target = routes::Target::of(target, &call.known)?;
            routes::put(aws, &call.id, destination, &target).await?;
        }
    }
    for destination in call.live.routes.keys().filter(|key| !call.spec.routes.contains_key(*key)) {
        routes::delete(aws, &call.id, destination).await?;
    }
    Ok(())
}

async fn update_subnets(aws: &Aws, call: &Revision<RouteTable>) -> Result<(), Error> {
    let want = resolve_all(&call.known, &call.spec.subnets, "AssociateRouteTable")?;
    let live = resolve_all(&call.known, &call.live.subnets, "DisassociateRouteTable")?;
    let concerned: BTreeSet<&String> = want.iter().chain(&live).collect();
    let tables = describe(aws, vec![filter("association.subnet-id", concerned)]).await?;
    let mut users: BTreeMap<&str, (&str, &RouteTableAssociation)> = BTreeMap::new();
    for table in &tables {
        for association in associations(table) {
            users.insert(association.subnet_id().unwrap_or_default(), (table.id(), association));
        }
    }
    for subnet in &want {
        match users.get(subnet.as_str()) {
            Some((table, _)) if *table == call.id.as_str() => {}
            Some((_, association)) => replace(aws, association, &call.id).await?,
            None => associate(aws, &call.id, subnet).await?,
        }
    }
    for (subnet, (table, association)) in users {
        if table == call.id.as_str() && !want.iter().any(|wanted| wanted == subnet) {
            disassociate(aws, association).await?;
        }
    }
    Ok(())
}

async fn associate(aws: &Aws, table: &CloudId, subnet: &str) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let associated = aws.converge(Service::Ec2, "AssociateRouteTable", || {
        ec2.associate_route_table().route_table_id(table.as_str()).subnet_id(subnet).send()
    });
    match associated.await {
        // By a call whose answer was lost, or with another table a moment ago: the next look tells.
        Err(error) if error.class == Class::Conflict => Ok(()),
        other => other.map(|_| ()),
    }
}

async fn replace(aws: &Aws, association: &RouteTableAssociation, table: &CloudId) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let id = association.route_table_association_id().unwrap_or_default();
    aws.converge(Service::Ec2, "ReplaceRouteTableAssociation", || {
        ec2.replace_route_table_association().association_id(id).route_table_id(table.as_str()).send()
    })
    .await
    .map(|_| ())
}

async fn disassociate(aws: &Aws, association: &RouteTableAssociation) -> Result<(), Error> {
    let ec2 = &aws.clients().ec2;
    let id = association.route_table_association_id().unwrap_or_default();
    let done = aws.remove(Service::Ec2, "DisassociateRouteTable", || {
        ec2.disassociate_route_table().association_id(id).send()
    });
    gone_is_fine(done.await)
}
