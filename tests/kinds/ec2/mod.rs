//! Cases of the kinds of EC2.

mod groups;
mod network;
mod others;
mod routes;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use futures_util::FutureExt;
use platctl::model::ec2::{InternetGateway, SecurityGroup, Subnet, Vpc};
use platctl::model::{CloudId, Name, Ref, Resource, Tags};

use super::peers::Endpoint;
use super::world::{Raw, World};

/// What moto 5.2 gets wrong or does not have, found by running these laws against it.
const MOTO_CANNOT_JUDGE: &[&str] = &[
    // Client tokens are ignored.
    "nat_gateway:replay",
    "route_table:replay",
    "vpc_endpoint:replay",
    "flow_log:replay",
    "launch_template:replay",
    // An address stays associated when its gateway is gone.
    "nat_gateway.subnet",
    // Descriptions of rules that name groups are lost.
    "security_group:descriptions of groups",
    "security_group_rule.group",
    "security_group_rule.direction",
    // ModifySecurityGroupRules does not change the group that a rule names.
    "security_group_rule.peer",
    // ModifyVpcEndpoint does not switch private names off.
    "vpc_endpoint.private_dns",
    // Tags of a template stay as they were at its birth.
    "launch_template.tags",
];

macro_rules! kinds {
    ($($test:ident: $laws:path;)*) => {
        $(
            #[cfg(feature = "sandbox")]
            #[tokio::test]
            async fn $test() {
                let endpoint = Endpoint::sandbox().await;
                $laws(&mut World::at(&endpoint.url(), "laws")).await;
            }
        )*

        /// One after the other, each in an environment of its own; then all that it does not agree with.
        #[tokio::test]
        async fn moto_agrees() {
            let Some(endpoint) = Endpoint::moto().await else { return };
            let mut broken = Vec::new();
            $({
                let mut world = World::at(&endpoint.url(), stringify!($test));
                world.cannot_judge = MOTO_CANNOT_JUDGE;
                if world.judges(stringify!($test)) {
                    let laws = std::panic::AssertUnwindSafe($laws(&mut world));
                    if laws.catch_unwind().await.is_err() {
                        broken.push(stringify!($test));
                    }
                }
            })*
            assert!(broken.is_empty(), "moto does not agree with {broken:?}");
        }
    };
}

kinds! {
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
fn managed<K: Resource>(name: &str) -> Ref<K> {
    Ref::managed(Name::new(name).unwrap())
}

/// `vpc.NAME` with a range.
async fn make_vpc(world: &mut World, name: &str, cidr: &str) -> CloudId {
    let address = format!("vpc.{name}");
    let cidr = cidr.parse().unwrap();
    let spec = Vpc { cidr, dns_support: true, dns_hostnames: true, tags: world.tags(&address) };
    world.make(&address, spec).await
}

/// `subnet.NAME` in `vpc.main`.
async fn make_subnet(world: &mut World, name: &str, zone: &str, cidr: &str) -> CloudId {
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
async fn make_group(world: &mut World, name: &str) -> CloudId {
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
