//! Route tables.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, ResourceType};
use platctl::model::ec2::{ElasticIp, NatGateway, RouteTable, RouteTarget};

use super::{born, make_gateway, make_subnet, make_vpc, managed};
use crate::law::{Case, hold_without_end};
use crate::world::{Raw, World};

async fn association(raw: &Raw, table: &str, subnet: &str) -> String {
    let filter = Filter::builder().name("route-table-id").values(table).build();
    let found = raw.ec2.describe_route_tables().filters(filter).send().await.unwrap();
    let associations = found.route_tables().iter().flat_map(|table| table.associations());
    let found = associations.into_iter().find(|association| association.subnet_id() == Some(subnet));
    found.unwrap().route_table_association_id().unwrap().to_owned()
}

async fn raw_table(raw: &Raw, vpc: &str, case: Option<&RouteTable>) -> String {
    let tags = case.map(|case| born(ResourceType::RouteTable, &case.tags));
    let request =
        raw.ec2.create_route_table().vpc_id(vpc).set_tag_specifications(tags.map(|tags| vec![tags]));
    request.send().await.unwrap().route_table.unwrap().route_table_id.unwrap()
}

pub(super) async fn route_table(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.2.0.0/16").await.to_string();
    let gateway = make_gateway(world, "main").await.to_string();
    let a = make_subnet(world, "a", "eu-central-1a", "10.1.1.0/24").await.to_string();
    make_subnet(world, "b", "eu-central-1b", "10.1.2.0/24").await;
    let c = make_subnet(world, "c", "eu-central-1a", "10.1.3.0/24").await.to_string();
    let tags = world.tags("elastic_ip.a");
    world.make("elastic_ip.a", ElasticIp { tags }).await;
    let nat = NatGateway {
        subnet: managed("a"),
        address: Some(managed("a")),
        internet_gateway: Some(managed("main")),
        tags: world.tags("nat_gateway.a"),
    };
    let nat = world.make("nat_gateway.a", nat).await.to_string();
    let spec = RouteTable {
        vpc: managed("main"),
        routes: [
            ("0.0.0.0/0".to_owned(), RouteTarget::InternetGateway(managed("main"))),
            ("192.168.0.0/16".to_owned(), RouteTarget::NatGateway(managed("a"))),
        ]
        .into(),
        subnets: vec![managed("a"), managed("b")],
        tags: world.tags("route_table.case"),
    };
    let bare = RouteTable { routes: BTreeMap::new(), subnets: Vec::new(), ..spec.clone() };
    let [elsewhere, stranger, a_again] = [second.clone(), main.clone(), a.clone()];
    let twin = bare.clone();
    let case = Case::new("route_table.case", spec)
        .drift("routes.0.0.0.0/0", |raw, id| async move {
            let delete = raw.ec2.delete_route().route_table_id(id);
            delete.destination_cidr_block("0.0.0.0/0").send().await.unwrap();
        })
        .drift("routes.0.0.0.0/0", |raw, id| async move {
            let replace = raw.ec2.replace_route().route_table_id(id).nat_gateway_id(nat);
            replace.destination_cidr_block("0.0.0.0/0").send().await.unwrap();
        })
        .drift("routes.172.16.0.0/12", |raw, id| async move {
            let create = raw.ec2.create_route().route_table_id(id).gateway_id(gateway);
            create.destination_cidr_block("172.16.0.0/12").send().await.unwrap();
        })
        .drift("subnets", |raw, id| async move {
            let association = association(&raw, &id, &a).await;
            raw.ec2.disassociate_route_table().association_id(association).send().await.unwrap();
        })
        .drift("subnets", |raw, id| async move {
            raw.ec2.associate_route_table().route_table_id(id).subnet_id(c).send().await.unwrap();
        })
        // A subnet that somebody gave to another table comes back by a replacement of that association.
        .drift("subnets", |raw, id| async move {
            let other = raw_table(&raw, &stranger, None).await;
            let association = association(&raw, &id, &a_again).await;
            let replace = raw.ec2.replace_route_table_association().association_id(association);
            replace.route_table_id(other).send().await.unwrap();
        })
        .other("vpc", |raw, _| async move { raw_table(&raw, &elsewhere, Some(&twin)).await })
        .wanting(bare)
        .tagged();
    hold_without_end(world, vec![case]).await;
    // The stranger's table, before its VPC goes.
    let filter = Filter::builder().name("vpc-id").values(main).build();
    let found = world.raw.ec2.describe_route_tables().filters(filter).send().await.unwrap();
    for table in found.route_tables().iter().filter(|table| table.associations().is_empty()) {
        let delete = world.raw.ec2.delete_route_table().route_table_id(table.route_table_id().unwrap());
        delete.send().await.unwrap();
    }
    world.unmake().await;
}
