//! VPCs, subnets, gateways and addresses.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ConnectivityType, DomainType, NatGatewayState, ResourceType,
};
use platctl::model::ec2::{ElasticIp, InternetGateway, NatGateway, Subnet, Vpc};

use super::{born, make_gateway, make_subnet, make_vpc, managed};
use crate::law::{Case, hold};
use crate::world::{Raw, World};

fn value(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

pub(super) async fn vpc(world: &mut World) {
    let tags = world.tags("vpc.case");
    let cidr = "10.1.0.0/16".parse().unwrap();
    let spec = Vpc { cidr, dns_support: true, dns_hostnames: true, tags: tags.clone() };
    let case = Case::new("vpc.case", spec)
        .drift("dns_hostnames", |raw, id| async move {
            raw.ec2
                .modify_vpc_attribute()
                .vpc_id(id)
                .enable_dns_hostnames(value(false))
                .send()
                .await
                .unwrap();
        })
        .drift("dns_support", |raw, id| async move {
            raw.ec2.modify_vpc_attribute().vpc_id(id).enable_dns_support(value(false)).send().await.unwrap();
        })
        .other("cidr", |raw, _| async move {
            let made = raw
                .ec2
                .create_vpc()
                .cidr_block("10.2.0.0/16")
                .tag_specifications(born(ResourceType::Vpc, &tags))
                .send()
                .await
                .unwrap();
            let id = made.vpc.unwrap().vpc_id.unwrap();
            let modify = || raw.ec2.modify_vpc_attribute().vpc_id(&id);
            modify().enable_dns_hostnames(value(true)).send().await.unwrap();
            id
        })
        .tagged();
    hold(world, vec![case]).await;
}

pub(super) async fn internet_gateway(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let spec = InternetGateway { vpc: Some(managed("main")), tags: world.tags("internet_gateway.case") };
    let case = Case::new("internet_gateway.case", spec)
        .drift("vpc", |raw, id| async move {
            raw.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(main).send().await.unwrap();
        })
        .tagged();
    hold(world, vec![case]).await;
}

async fn raw_subnet(raw: &Raw, case: &Subnet, vpc: &str, zone: &str, cidr: &str) -> String {
    let made = raw
        .ec2
        .create_subnet()
        .vpc_id(vpc)
        .availability_zone(zone)
        .cidr_block(cidr)
        .tag_specifications(born(ResourceType::Subnet, &case.tags))
        .send()
        .await
        .unwrap();
    let id = made.subnet.unwrap().subnet_id.unwrap();
    let modify = raw.ec2.modify_subnet_attribute().subnet_id(&id);
    modify.map_public_ip_on_launch(value(true)).send().await.unwrap();
    id
}

pub(super) async fn subnet(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.1.0.0/16").await.to_string();
    let spec = Subnet {
        vpc: managed("main"),
        zone: "eu-central-1a".to_owned(),
        cidr: "10.1.1.0/24".parse().unwrap(),
        public_addresses: true,
        tags: world.tags("subnet.case"),
    };
    let [one, two, three] = [(); 3].map(|()| spec.clone());
    let in_main = main.clone();
    let case = Case::new("subnet.case", spec)
        .drift("public_addresses", |raw, id| async move {
            let modify = raw.ec2.modify_subnet_attribute().subnet_id(id);
            modify.map_public_ip_on_launch(value(false)).send().await.unwrap();
        })
        .other("vpc", |raw, _| async move {
            raw_subnet(&raw, &one, &second, "eu-central-1a", "10.1.1.0/24").await
        })
        .other("cidr", |raw, _| async move {
            raw_subnet(&raw, &two, &in_main, "eu-central-1a", "10.1.9.0/24").await
        })
        .other("zone", |raw, id| async move {
            raw.ec2.delete_subnet().subnet_id(id).send().await.unwrap();
            raw_subnet(&raw, &three, &main, "eu-central-1b", "10.1.1.0/24").await
        })
        .tagged();
    hold(world, vec![case]).await;
}

pub(super) async fn elastic_ip(world: &mut World) {
    let spec = ElasticIp { tags: world.tags("elastic_ip.case") };
    hold(world, vec![Case::new("elastic_ip.case", spec).tagged()]).await;
}

async fn raw_nat(raw: &Raw, case: &NatGateway, subnet: &str, address: &str) -> String {
    let made = raw
        .ec2
        .create_nat_gateway()
        .connectivity_type(ConnectivityType::Public)
        .subnet_id(subnet)
        .allocation_id(address)
        .tag_specifications(born(ResourceType::Natgateway, &case.tags))
        .send()
        .await
        .unwrap();
    made.nat_gateway.unwrap().nat_gateway_id.unwrap()
}

async fn wait_deleted(raw: &Raw, id: &str) {
    for _ in 0..50 {
        let reply = raw.ec2.describe_nat_gateways().nat_gateway_ids(id).send().await;
        let states = reply.map(|reply| reply.nat_gateways.unwrap_or_default()).unwrap_or_default();
        if states.iter().all(|gateway| gateway.state() == Some(&NatGatewayState::Deleted)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{id} is not deleted");
}

pub(super) async fn nat_gateway(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    make_gateway(world, "main").await;
    let here = make_subnet(world, "a", "eu-central-1a", "10.1.1.0/24").await.to_string();
    let there = make_subnet(world, "b", "eu-central-1b", "10.1.2.0/24").await.to_string();
    let tags = world.tags("elastic_ip.a");
    let address = world.make("elastic_ip.a", ElasticIp { tags }).await.to_string();
    let spec = NatGateway {
        subnet: managed("a"),
        address: Some(managed("a")),
        internet_gateway: Some(managed("main")),
        tags: world.tags("nat_gateway.case"),
    };
    let [one, two] = [(); 2].map(|()| spec.clone());
    let other_address = raw_address(&world.raw).await;
    let released = other_address.clone();
    let case = Case::new("nat_gateway.case", spec)
        .other("address", |raw, _| async move { raw_nat(&raw, &one, &here, &other_address).await })
        .other("subnet", |raw, id| async move {
            raw.ec2.delete_nat_gateway().nat_gateway_id(&id).send().await.unwrap();
            wait_deleted(&raw, &id).await;
            raw_nat(&raw, &two, &there, &address).await
        })
        .excused("internet_gateway", "only for the order")
        .tagged();
    let raw = world.raw.clone();
    hold(world, vec![case]).await;
    raw.ec2.release_address().allocation_id(released).send().await.unwrap();
}

async fn raw_address(raw: &Raw) -> String {
    raw.ec2.allocate_address().domain(DomainType::Vpc).send().await.unwrap().allocation_id.unwrap()
}
