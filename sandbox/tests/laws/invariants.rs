//! Random sequences of calls never break what must always hold of a network.

use std::collections::BTreeSet;

use platctl_sandbox::services::ec2::{Kind, NatState, State, Target, Via};
use platctl_sandbox::{Owner, Settings};
use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::test_runner::Config;

use crate::common::World;

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";

/// One call of a random sequence; numbers choose among what exists.
#[derive(Clone, Debug)]
struct Step {
    action: usize,
    picks: [usize; 4],
    bits: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0..ACTIONS, any::<[u16; 4]>(), any::<u8>()).prop_map(|(action, picks, bits)| Step {
        action,
        picks: picks.map(usize::from),
        bits,
    })
}

const ACTIONS: usize = 34;

struct Ids {
    vpcs: Vec<String>,
    subnets: Vec<String>,
    tables: Vec<String>,
    gateways: Vec<String>,
    allocations: Vec<String>,
    nats: Vec<String>,
    groups: Vec<String>,
    interfaces: Vec<String>,
    endpoints: Vec<String>,
    associations: Vec<String>,
}

fn ids(state: &State) -> Ids {
    let own = |ids: &mut dyn Iterator<Item = &str>| ids.map(str::to_owned).collect::<Vec<_>>();
    Ids {
        vpcs: own(&mut state.vpcs.ids()),
        subnets: own(&mut state.subnets.ids()),
        tables: own(&mut state.route_tables.ids()),
        gateways: own(&mut state.internet_gateways.ids()),
        allocations: own(&mut state.addresses.ids()),
        nats: own(&mut state.nat_gateways.ids()),
        groups: own(&mut state.groups.ids()),
        interfaces: own(&mut state.interfaces.ids()),
        endpoints: own(&mut state.endpoints.ids()),
        associations: state
            .route_tables
            .values()
            .flat_map(|table| table.associations.iter().map(|one| one.id.clone()))
            .collect(),
    }
}

fn ec2(owner: &Owner) -> State {
    owner.world().region(ACCOUNT, REGION).map(|region| (*region.ec2).clone()).unwrap_or_default()
}

#[expect(clippy::too_many_lines, reason = "one entry an action")]
fn act(world: &mut World, step: &Step) {
    let ids = ids(&ec2(&world.owner));
    let nothing = "x-0123456789abcdef0".to_owned();
    let pick = |from: &[String], which: usize| {
        if from.is_empty() { nothing.clone() } else { from[step.picks[which] % from.len()].clone() }
    };
    let cidr = format!("10.{}.0.0/16", step.picks[0] % 4);
    let part = format!("10.{}.{}.0/24", step.picks[1] % 4, step.picks[2] % 8);
    let name = format!("g{}", step.picks[3] % 4);
    let (vpc, subnet, table) = (pick(&ids.vpcs, 0), pick(&ids.subnets, 1), pick(&ids.tables, 2));
    let (gateway, allocation, nat) = (pick(&ids.gateways, 1), pick(&ids.allocations, 2), pick(&ids.nats, 3));
    let (group, other) = (pick(&ids.groups, 0), pick(&ids.groups, 1));
    let (interface, endpoint) = (pick(&ids.interfaces, 2), pick(&ids.endpoints, 0));
    let association = pick(&ids.associations, 3);
    let service = format!("com.amazonaws.{REGION}.{}", if step.bits & 1 == 0 { "s3" } else { "logs" });
    let port = (step.picks[2] % 3).to_string();
    let pair = "IpPermissions.1.Groups.1.GroupId";
    let (protocol, from, to) =
        ("IpPermissions.1.IpProtocol", "IpPermissions.1.FromPort", "IpPermissions.1.ToPort");
    let default_route = ("DestinationCidrBlock", "0.0.0.0/0");
    let (action, parameters): (&str, Vec<(&str, &str)>) = match step.action {
        0 | 1 => ("CreateVpc", vec![("CidrBlock", &cidr)]),
        2..=4 => ("CreateSubnet", vec![("VpcId", &vpc), ("CidrBlock", &part)]),
        5 => ("CreateRouteTable", vec![("VpcId", &vpc)]),
        6 | 7 => ("AssociateRouteTable", vec![("RouteTableId", &table), ("SubnetId", &subnet)]),
        8 => ("CreateInternetGateway", vec![]),
        9 | 10 => ("AttachInternetGateway", vec![("InternetGatewayId", &gateway), ("VpcId", &vpc)]),
        11 => ("AllocateAddress", vec![]),
        12 | 13 => ("CreateNatGateway", vec![("SubnetId", &subnet), ("AllocationId", &allocation)]),
        14 => ("CreateRoute", vec![("RouteTableId", &table), default_route, ("NatGatewayId", &nat)]),
        15 => ("CreateRoute", vec![("RouteTableId", &table), default_route, ("GatewayId", &gateway)]),
        16 => ("CreateSecurityGroup", vec![("VpcId", &vpc), ("GroupName", &name), ("GroupDescription", "x")]),
        17 | 18 => (
            "AuthorizeSecurityGroupIngress",
            vec![("GroupId", &group), (protocol, "tcp"), (from, &port), (to, &port), (pair, &other)],
        ),
        19 => ("CreateNetworkInterface", vec![("SubnetId", &subnet), ("SecurityGroupId.1", &group)]),
        20 => ("AssociateAddress", vec![("AllocationId", &allocation), ("NetworkInterfaceId", &interface)]),
        21 => (
            "CreateVpcEndpoint",
            vec![("VpcId", &vpc), ("ServiceName", &service), ("RouteTableId.1", &table)],
        ),
        22 => (
            "CreateVpcEndpoint",
            vec![
                ("VpcId", &vpc),
                ("ServiceName", &service),
                ("VpcEndpointType", "Interface"),
                ("PrivateDnsEnabled", "false"),
                ("SubnetId.1", &subnet),
            ],
        ),
        23 => {
            ("ReplaceRouteTableAssociation", vec![("AssociationId", &association), ("RouteTableId", &table)])
        }
        24 => ("DisassociateRouteTable", vec![("AssociationId", &association)]),
        25 => ("DeleteSubnet", vec![("SubnetId", &subnet)]),
        26 => ("DeleteRouteTable", vec![("RouteTableId", &table)]),
        27 => ("DetachInternetGateway", vec![("InternetGatewayId", &gateway), ("VpcId", &vpc)]),
        28 => ("DeleteInternetGateway", vec![("InternetGatewayId", &gateway)]),
        29 => ("DeleteNatGateway", vec![("NatGatewayId", &nat)]),
        30 => ("DeleteSecurityGroup", vec![("GroupId", &group)]),
        31 => ("DeleteNetworkInterface", vec![("NetworkInterfaceId", &interface)]),
        32 => ("DeleteVpcEndpoints", vec![("VpcEndpointId.1", &endpoint)]),
        _ => ("DeleteVpc", vec![("VpcId", &vpc)]),
    };
    let reply = world.try_ec2(action, &parameters);
    assert!(reply.status < 500, "{action} {parameters:?}: {}", crate::common::text(&reply));
    if step.bits & 6 == 0 {
        world.ec2("DescribeNatGateways", &[]);
        world.ec2("DescribeVpcEndpoints", &[]);
    }
    if step.bits & 24 == 0 {
        world.now += 300;
    }
}

/// What must hold after every call.
#[expect(clippy::too_many_lines, reason = "one paragraph a kind")]
fn check(state: &State) {
    let ids = ids(state);
    let has = |kind: Kind, id: &str| assert!(state.has(kind, id), "dangling {id}");
    for (id, vpc) in state.vpcs.iter() {
        let main = state.route_tables.values().filter(|table| table.vpc == id && table.is_main()).count();
        let defaults =
            state.groups.values().filter(|group| group.vpc == id && group.name == "default").count();
        let acls = state.network_acls.values().filter(|acl| acl.vpc == id).count();
        assert_eq!((main, defaults, acls), (1, 1, 1), "{id}");
        has(Kind::DhcpOptions, &vpc.dhcp_options);
    }
    for (id, subnet) in state.subnets.iter() {
        has(Kind::Vpc, &subnet.vpc);
        assert!(
            state.vpcs.get(&subnet.vpc).unwrap().cidrs.iter().any(|range| range.cidr.contains(&subnet.cidr))
        );
        for (other_id, other) in state.subnets.iter().filter(|(other, _)| *other != id) {
            let apart = other.vpc != subnet.vpc
                || !(other.cidr.contains(&subnet.cidr) || subnet.cidr.contains(&other.cidr));
            assert!(apart, "{id} overlaps {other_id}");
        }
        let inside: Vec<_> = state.interfaces.values().filter(|interface| interface.subnet == id).collect();
        assert_eq!(subnet.used as usize, inside.len());
        let addresses: BTreeSet<_> = inside.iter().map(|interface| interface.address).collect();
        assert_eq!(addresses.len(), inside.len(), "two interfaces with one address in {id}");
        assert!(addresses.iter().all(|address| subnet.cidr.contains(address)));
    }
    check_routes(state);
    check_groups(state);
    let publics: BTreeSet<_> = state.addresses.values().map(|address| address.public).collect();
    assert_eq!(publics.len(), state.addresses.len());
    let mut carriers = BTreeSet::new();
    for address in state.addresses.values() {
        if let Some(association) = &address.association {
            has(Kind::NetworkInterface, &association.interface);
            assert!(
                carriers.insert(association.interface.clone()),
                "two addresses on {}",
                association.interface
            );
        }
    }
    for gateway in state.internet_gateways.values() {
        gateway.vpc.iter().for_each(|vpc| has(Kind::Vpc, vpc));
    }
    for nat in state.nat_gateways.values() {
        let lives = matches!(nat.state, NatState::Pending | NatState::Available | NatState::Deleting);
        // One that failed gave its interface back before it was deleted.
        let failed = nat.failure.is_some() && nat.state == NatState::Deleting;
        assert!(failed || lives == state.interfaces.contains(&nat.interface), "{nat:?}");
        if lives && !failed {
            has(Kind::Subnet, &nat.subnet);
        }
    }
    for endpoint in state.endpoints.values() {
        has(Kind::Vpc, &endpoint.vpc);
        for (subnet, interface) in &endpoint.interfaces {
            has(Kind::Subnet, subnet);
            has(Kind::NetworkInterface, interface);
        }
        endpoint.groups.iter().for_each(|group| has(Kind::SecurityGroup, group));
    }
    for id in state.tags.ids() {
        has(Kind::of(id).unwrap(), id);
    }
    assert!(ids.associations.len() == ids.associations.iter().collect::<BTreeSet<_>>().len());
}

fn check_routes(state: &State) {
    let mut used = BTreeSet::new();
    for (id, table) in state.route_tables.iter() {
        assert!(state.vpcs.contains(&table.vpc), "{id} in no VPC");
        for association in &table.associations {
            if let Some(subnet) = &association.subnet {
                assert_eq!(state.subnets.get(subnet).map(|subnet| &subnet.vpc), Some(&table.vpc), "{id}");
                assert!(used.insert(subnet.clone()), "{subnet} has two route tables");
            }
        }
        let goals: BTreeSet<_> = table.routes.iter().map(|route| &route.destination).collect();
        assert_eq!(goals.len(), table.routes.len(), "{id} has two routes to one place");
        for route in &table.routes {
            if let Via::Endpoint(endpoint) = &route.via {
                let row = state.endpoints.get(endpoint).expect("a gateway endpoint's route goes with it");
                assert!(row.route_tables.iter().any(|table| table == id));
            }
        }
    }
    for (endpoint, row) in state.endpoints.iter() {
        for table in &row.route_tables {
            let routes = &state.route_tables.get(table).expect("an endpoint's table exists").routes;
            assert!(routes.iter().any(|route| route.via == Via::Endpoint(endpoint.to_owned())));
        }
    }
}

fn check_groups(state: &State) {
    let mut names = BTreeSet::new();
    for group in state.groups.values() {
        assert!(state.vpcs.contains(&group.vpc));
        assert!(names.insert((group.vpc.clone(), group.name.clone())), "two groups called {}", group.name);
    }
    for (id, rule) in state.rules.iter() {
        assert!(state.groups.contains(&rule.group), "{id} in no group");
        if let Target::Group(other) = &rule.target {
            assert!(state.groups.contains(other), "{id} names a group that is gone");
        }
        assert!(!state.rules.iter().any(|(other, twin)| other != id && twin.same(rule)), "{id} twice");
    }
    for interface in state.interfaces.values() {
        assert!(state.subnets.contains(&interface.subnet));
        assert!(interface.groups.iter().all(|group| state.groups.contains(group)));
    }
}

/// Deletes everything in the order that AWS demands, and finds nothing left.
fn tear_down(world: &mut World) {
    world.control("POST", "/faults", &serde_json::json!({ "kind": "throttle", "times": 0 }));
    let state = ec2(&world.owner);
    let ids = ids(&state);
    for id in &ids.endpoints {
        world.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", id)]);
    }
    for id in &ids.nats {
        world.ec2("DeleteNatGateway", &[("NatGatewayId", id)]);
    }
    for _ in 0..2 {
        world.ec2("DescribeNatGateways", &[]);
        world.ec2("DescribeVpcEndpoints", &[]);
    }
    for id in ec2(&world.owner).interfaces.ids() {
        world.ec2("DeleteNetworkInterface", &[("NetworkInterfaceId", id)]);
    }
    for id in &ids.allocations {
        world.ec2("ReleaseAddress", &[("AllocationId", id)]);
    }
    for (id, gateway) in state.internet_gateways.iter() {
        if let Some(vpc) = &gateway.vpc {
            world.ec2("DetachInternetGateway", &[("InternetGatewayId", id), ("VpcId", vpc)]);
        }
        world.ec2("DeleteInternetGateway", &[("InternetGatewayId", id)]);
    }
    for id in &ids.subnets {
        world.ec2("DeleteSubnet", &[("SubnetId", id)]);
    }
    for (id, table) in ec2(&world.owner).route_tables.iter().filter(|(_, table)| !table.is_main()) {
        assert!(table.associations.is_empty());
        world.ec2("DeleteRouteTable", &[("RouteTableId", id)]);
    }
    for (id, rule) in ec2(&world.owner).rules.iter() {
        let action = if rule.egress { "RevokeSecurityGroupEgress" } else { "RevokeSecurityGroupIngress" };
        world.ec2(action, &[("GroupId", &rule.group), ("SecurityGroupRuleId.1", id)]);
    }
    for (id, _) in ec2(&world.owner).groups.iter().filter(|(_, group)| group.name != "default") {
        world.ec2("DeleteSecurityGroup", &[("GroupId", id)]);
    }
    for id in &ids.vpcs {
        world.ec2("DeleteVpc", &[("VpcId", id)]);
    }
    world.now += 4_000_000;
    world.ec2("DescribeNatGateways", &[]);
    let mut left = ec2(&world.owner);
    assert!(left.dhcp_options.len() <= 1);
    left.dhcp_options = State::default().dhcp_options;
    assert_eq!(left, State::default());
}

proptest! {
    #![proptest_config(Config { cases: 48, max_shrink_iters: 400, ..Config::default() })]

    #[test]
    fn networks_keep_their_invariants(steps in prop::collection::vec(step(), 1..120), seed in any::<u64>()) {
        let mut world = World::with(Settings { seed, ..Settings::default() });
        for step in &steps {
            act(&mut world, step);
            check(&ec2(&world.owner));
        }
        tear_down(&mut world);
    }

    #[test]
    fn a_restart_anywhere_changes_nothing(steps in prop::collection::vec(step(), 1..40), at in any::<u16>()) {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { folder: Some(folder.path().to_owned()), ..Settings::default() };
        let mut kept = World::new();
        let mut restarted = World::with(settings.clone());
        for (number, step) in steps.iter().enumerate() {
            if number == usize::from(at) % steps.len() {
                let wall = platctl_sandbox::clock::Time(restarted.now);
                restarted.owner = Owner::open(settings.clone(), wall).unwrap();
            }
            act(&mut kept, step);
            act(&mut restarted, step);
        }
        assert_eq!(kept.dump(), restarted.dump());
    }
}
