//! Security groups and rules.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, ResourceType, SecurityGroupRuleRequest, SecurityGroupRuleUpdate, UserIdGroupPair,
};
use platctl::model::ec2::{
    DefaultSecurityGroup, Direction, Icmp, Peer, Ports, Rule, SecurityGroup, SecurityGroupRule, Traffic,
};

use super::{born, make_group, make_vpc, managed};
use crate::law::{Case, hold};
use crate::world::{Raw, World};

fn rule(traffic: Traffic, peer: Peer, description: &str) -> Rule {
    Rule { traffic, peer, description: description.to_owned() }
}

fn range(text: &str) -> Peer {
    Peer::Range(text.parse().unwrap())
}

fn permission(protocol: &str, first: i32, last: i32, cidr: &str, description: Option<&str>) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).set_description(description.map(str::to_owned)).build();
    let permission = IpPermission::builder().ip_protocol(protocol).ip_ranges(range);
    match protocol {
        // All protocols have all ports, whatever is told.
        "-1" => permission.build(),
        _ => permission.from_port(first).to_port(last).build(),
    }
}

/// Everything to everywhere: what AWS gives a new group, and what the case keeps.
fn everything() -> Rule {
    rule(Traffic::All, range("0.0.0.0/0"), "")
}

async fn raw_group(raw: &Raw, case: &SecurityGroup, vpc: &str, name: &str, description: &str) -> String {
    let made = raw
        .ec2
        .create_security_group()
        .vpc_id(vpc)
        .group_name(name)
        .description(description)
        .tag_specifications(born(ResourceType::SecurityGroup, &case.tags))
        .send()
        .await
        .unwrap();
    made.group_id.unwrap()
}

pub(super) async fn security_group(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.1.0.0/16").await.to_string();
    let stranger = make_group(world, "stranger").await.to_string();
    let judged = world.judges("security_group:group_descriptions");
    let spec = SecurityGroup {
        vpc: managed("main"),
        name: "case".to_owned(),
        description: "a case".to_owned(),
        ingress: vec![
            rule(Traffic::tcp(443), range("10.0.0.0/8"), "inside"),
            rule(Traffic::Udp(Ports { first: 1000, last: 2000 }), range("fd00::/8"), ""),
            rule(Traffic::Icmp(Some(Icmp { kind: 3, code: 4 })), range("0.0.0.0/0"), ""),
            rule(Traffic::All, Peer::Itself, if judged { "among themselves" } else { "" }),
        ],
        egress: vec![everything(), rule(Traffic::tcp(53), range("10.0.0.2/32"), "names")],
        tags: world.tags("security_group.case"),
    };
    let bare = SecurityGroup { ingress: Vec::new(), egress: vec![everything()], ..spec.clone() };
    let [one, two, three] = [(); 3].map(|()| bare.clone());
    let [here, again] = [main.clone(), main.clone()];
    let case = Case::new("security_group.case", spec)
        .drift("ingress.tcp/443 10.0.0.0/8", |raw, id| async move {
            let gone = permission("tcp", 443, 443, "10.0.0.0/8", None);
            let revoke = raw.ec2.revoke_security_group_ingress().group_id(id);
            revoke.ip_permissions(gone).send().await.unwrap();
        })
        .drift("ingress.tcp/443 10.0.0.0/8", |raw, id| async move {
            let other = permission("tcp", 443, 443, "10.0.0.0/8", Some("something else"));
            let update = raw.ec2.update_security_group_rule_descriptions_ingress().group_id(id);
            update.ip_permissions(other).send().await.unwrap();
        })
        .drift("ingress.tcp/22 0.0.0.0/0", |raw, id| async move {
            let open = permission("tcp", 22, 22, "0.0.0.0/0", None);
            let authorize = raw.ec2.authorize_security_group_ingress().group_id(id);
            authorize.ip_permissions(open).send().await.unwrap();
        })
        .drift(&format!("ingress.tcp/80 {stranger}"), |raw, id| async move {
            let pair = UserIdGroupPair::builder().group_id(stranger).build();
            let open = IpPermission::builder().ip_protocol("tcp").from_port(80).to_port(80);
            let authorize = raw.ec2.authorize_security_group_ingress().group_id(id);
            authorize.ip_permissions(open.user_id_group_pairs(pair).build()).send().await.unwrap();
        })
        .drift("egress.all 0.0.0.0/0", |raw, id| async move {
            let everything = permission("-1", -1, -1, "0.0.0.0/0", None);
            let revoke = raw.ec2.revoke_security_group_egress().group_id(id);
            revoke.ip_permissions(everything).send().await.unwrap();
        })
        .drift("egress.tcp/53 10.0.0.2/32", |raw, id| async move {
            let other = permission("tcp", 53, 53, "10.0.0.2/32", Some("something else"));
            let update = raw.ec2.update_security_group_rule_descriptions_egress().group_id(id);
            update.ip_permissions(other).send().await.unwrap();
        })
        .other("vpc", |raw, _| async move { raw_group(&raw, &one, &second, "case", "a case").await })
        .wanting(bare.clone())
        .other("name", |raw, _| async move { raw_group(&raw, &two, &here, "other", "a case").await })
        .wanting(bare.clone())
        .other("description", |raw, id| async move {
            raw.ec2.delete_security_group().group_id(id).send().await.unwrap();
            raw_group(&raw, &three, &again, "case", "another").await
        })
        .wanting(bare)
        .tagged();
    hold(world, vec![case]).await;
}

pub(super) async fn default_security_group(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    let tags = world.tags("default_security_group.case");
    let case = Case::new("default_security_group.case", DefaultSecurityGroup::locked(managed("main"), tags))
        .drift("ingress.tcp/22 0.0.0.0/0", |raw, id| async move {
            let open = permission("tcp", 22, 22, "0.0.0.0/0", None);
            let authorize = raw.ec2.authorize_security_group_ingress().group_id(id);
            authorize.ip_permissions(open).send().await.unwrap();
        })
        .drift("egress.all 0.0.0.0/0", |raw, id| async move {
            let everything = permission("-1", -1, -1, "0.0.0.0/0", None);
            let authorize = raw.ec2.authorize_security_group_egress().group_id(id);
            authorize.ip_permissions(everything).send().await.unwrap();
        })
        .excused("vpc", "it is found by its VPC: one of another VPC is another group")
        .tagged();
    hold(world, vec![case]).await;
}

fn pair(protocol: &str, port: i32, peer: &str) -> IpPermission {
    let pair = UserIdGroupPair::builder().group_id(peer).description("why").build();
    let permission = IpPermission::builder().ip_protocol(protocol).from_port(port).to_port(port);
    permission.user_id_group_pairs(pair).build()
}

/// What somebody makes of a rule by ModifySecurityGroupRules.
async fn modify(raw: &Raw, group: &str, rule: &str, request: SecurityGroupRuleRequest) {
    let update =
        SecurityGroupRuleUpdate::builder().security_group_rule_id(rule).security_group_rule(request).build();
    let modify = raw.ec2.modify_security_group_rules().group_id(group);
    modify.security_group_rules(update).send().await.unwrap();
}

fn request(port: i32, peer: &str, description: &str) -> SecurityGroupRuleRequest {
    SecurityGroupRuleRequest::builder()
        .ip_protocol("tcp")
        .from_port(port)
        .to_port(port)
        .referenced_group_id(peer)
        .description(description)
        .build()
}

pub(super) async fn security_group_rule(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    let nodes = make_group(world, "nodes").await.to_string();
    let cluster = make_group(world, "cluster").await.to_string();
    let third = make_group(world, "third").await.to_string();
    let spec = SecurityGroupRule {
        group: managed("nodes"),
        direction: Direction::Ingress,
        traffic: Traffic::tcp(10250),
        peer: managed("cluster"),
        description: "why".to_owned(),
        tags: world.tags("security_group_rule.case"),
    };
    let outward = SecurityGroupRule {
        direction: Direction::Egress,
        tags: world.tags("security_group_rule.outward"),
        ..spec.clone()
    };
    let [one, two] = [(); 2].map(|()| born(ResourceType::SecurityGroupRule, &spec.tags));
    let [n1, n2, n3, n4] = [(); 4].map(|()| nodes.clone());
    let [c1, c2, c3, c4] = [(); 4].map(|()| cluster.clone());
    let [t1, t2] = [(); 2].map(|()| third.clone());
    let case = Case::new("security_group_rule.case", spec)
        .drift("traffic", |raw, id| async move { modify(&raw, &n1, &id, request(22, &c1, "why")).await })
        .drift("peer", |raw, id| async move { modify(&raw, &n2, &id, request(10250, &t1, "why")).await })
        .drift("description", |raw, id| async move {
            modify(&raw, &n3, &id, request(10250, &c2, "no reason")).await;
        })
        .other("group", |raw, _| async move {
            let authorize = raw.ec2.authorize_security_group_ingress().group_id(t2).tag_specifications(one);
            let made = authorize.ip_permissions(pair("tcp", 10250, &c3)).send().await.unwrap();
            made.security_group_rules()[0].security_group_rule_id().unwrap().to_owned()
        })
        .other("direction", |raw, _| async move {
            let authorize = raw.ec2.authorize_security_group_egress().group_id(n4).tag_specifications(two);
            let made = authorize.ip_permissions(pair("tcp", 10250, &c4)).send().await.unwrap();
            made.security_group_rules()[0].security_group_rule_id().unwrap().to_owned()
        })
        .tagged();
    let outward = Case::new("security_group_rule.outward", outward).tagged();
    hold(world, vec![case, outward]).await;
}
