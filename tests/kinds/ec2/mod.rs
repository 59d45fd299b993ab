//! Cases of the kinds of EC2.

mod groups;
mod network;
mod others;
mod routes;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use platctl::model::ec2::{InternetGateway, SecurityGroup, Subnet, Vpc};
use platctl::model::{CloudId, Name, Ref, Resource, Tags};

use super::world::{Raw, World};

laws! {
    vpc: network::vpc;
    internet_gateway: network::internet_gateway;
    subnet: network::subnet;
    elastic_ip: network::elastic_ip;
    nat_gateway: network::nat_gateway;
    route_table: routes::route_table;
    security_group: groups::security_group;
    default_security_group: groups::default_security_group;
    security_group_rule: groups::security_group_rule;
    vpc_endpoint: others::vpc_endpoint;
    flow_log: others::flow_log;
    launch_template: others::launch_template;
}

/// A reference to one of ours by name.
pub(crate) fn managed<K: Resource>(name: &str) -> Ref<K> {
    Ref::managed(Name::new(name).unwrap())
}

/// `vpc.NAME` with a range.
pub(crate) async fn make_vpc(world: &mut World, name: &str, cidr: &str) -> CloudId {
    let address = format!("vpc.{name}");
    let cidr = cidr.parse().unwrap();
    let spec = Vpc { cidr, dns_support: true, dns_hostnames: true, tags: world.tags(&address) };
    world.make(&address, spec).await
}

/// `subnet.NAME` in `vpc.main`.
pub(crate) async fn make_subnet(world: &mut World, name: &str, zone: &str, cidr: &str) -> CloudId {
    let address = format!("subnet.{name}");
    let spec = Subnet {
        vpc: managed("main"),
        zone: zone.to_owned(),
        cidr: cidr.parse().unwrap(),
        public_addresses: false,
        tags: world.tags(&address),
    };
    world.make(&address, spec).await
}

/// `internet_gateway.NAME`, attached to `vpc.main`.
async fn make_gateway(world: &mut World, name: &str) -> CloudId {
    let address = format!("internet_gateway.{name}");
    let spec = InternetGateway { vpc: Some(managed("main")), tags: world.tags(&address) };
    world.make(&address, spec).await
}

/// `security_group.NAME` in `vpc.main`, without rules.
pub(crate) async fn make_group(world: &mut World, name: &str) -> CloudId {
    let address = format!("security_group.{name}");
    let spec = SecurityGroup {
        vpc: managed("main"),
        name: name.to_owned(),
        description: name.to_owned(),
        ingress: Vec::new(),
        egress: Vec::new(),
        tags: world.tags(&address),
    };
    world.make(&address, spec).await
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn born(kind: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(sdk_tags(tags))).build()
}

async fn set_tag(raw: Raw, id: String, key: &str, value: &str) {
    let tag = Tag::builder().key(key).value(value).build();
    raw.ec2.create_tags().resources(id).tags(tag).send().await.unwrap();
}

async fn drop_tag(raw: Raw, id: String, key: &str) {
    raw.ec2.delete_tags().resources(id).tags(Tag::builder().key(key).build()).send().await.unwrap();
}

impl super::law::Case {
    /// Tags are changed, added and taken away alike for every kind of EC2.
    fn tagged(self) -> Self {
        self.drift("tags.Name", |raw, id| async { set_tag(raw, id, "Name", "another").await })
            .drift("tags.surprise", |raw, id| async { set_tag(raw, id, "surprise", "here").await })
            .drift("tags.team", |raw, id| async { drop_tag(raw, id, "team").await })
            .drift("tags.platctl:environment", |raw, id| async {
                drop_tag(raw, id, "platctl:environment").await;
            })
    }
}
