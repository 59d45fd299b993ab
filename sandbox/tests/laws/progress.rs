//! Progress passes by the clock that was chosen.

use crate::common::{World, element, text};
use platctl_sandbox::{Pace, Settings};
use serde_json::{Value, json};

/// A VPC with a NAT gateway that was just asked for; gives the ids of the gateway and of its subnet.
fn with_gateway(world: &mut World) -> (String, String) {
    let vpc = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    let subnet = world.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]);
    let subnet = element(&subnet, "subnetId").unwrap();
    let igw = element(&world.ec2("CreateInternetGateway", &[]), "internetGatewayId").unwrap();
    world.ec2("AttachInternetGateway", &[("VpcId", &vpc), ("InternetGatewayId", &igw)]);
    let allocation = element(&world.ec2("AllocateAddress", &[]), "allocationId").unwrap();
    let made = world.ec2("CreateNatGateway", &[("SubnetId", &subnet), ("AllocationId", &allocation)]);
    assert_eq!(element(&made, "state").as_deref(), Some("pending"));
    (element(&made, "natGatewayId").unwrap(), subnet)
}

fn state(world: &mut World, gateway: &str) -> String {
    let shown = world.ec2("DescribeNatGateways", &[("NatGatewayId.1", gateway)]);
    element(&shown, "state").unwrap()
}

#[test]
fn instantly_each_transitional_state_shows_once() {
    let mut world = World::new();
    let (gateway, subnet) = with_gateway(&mut world);
    assert_eq!(state(&mut world, &gateway), "pending");
    assert_eq!(state(&mut world, &gateway), "available");
    world.ec2("DeleteNatGateway", &[("NatGatewayId", &gateway)]);
    assert_eq!(world.refusal("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    assert_eq!(state(&mut world, &gateway), "deleting");
    assert_eq!(state(&mut world, &gateway), "deleted");
    world.ec2("DeleteSubnet", &[("SubnetId", &subnet)]);
    // A deleted gateway is shown for an hour.
    world.now += 3_700_000;
    assert_eq!(world.refusal("DescribeNatGateways", &[("NatGatewayId.1", &gateway)]), "NatGatewayNotFound");
}

#[test]
fn instantly_an_unwatched_removal_ends_after_a_moment() {
    let mut world = World::new();
    let (gateway, subnet) = with_gateway(&mut world);
    world.ec2("DeleteNatGateway", &[("NatGatewayId", &gateway)]);
    assert_eq!(world.refusal("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    world.now += 250;
    world.ec2("DeleteSubnet", &[("SubnetId", &subnet)]);
}

#[test]
fn realistically_it_takes_its_time_and_the_same_for_the_same_seed() {
    let took = |seed: u64, pace: Pace| {
        let mut world = World::with(Settings { seed, pace, ..Settings::default() });
        let (gateway, _) = with_gateway(&mut world);
        let began = world.now;
        while state(&mut world, &gateway) == "pending" {
            world.now += 99;
            assert!(world.now - began < 600_000, "never available");
        }
        (world.now - began) / 100
    };
    let realistic = took(3, Pace::Realistic);
    assert!((700..1400).contains(&realistic), "{realistic} tenths of a second");
    assert_eq!(realistic, took(3, Pace::Realistic));
    assert_ne!(realistic, took(4, Pace::Realistic));
    let scaled = took(3, Pace::Scaled(10));
    assert!((realistic / 10 - 2..=realistic / 10 + 2).contains(&scaled), "{scaled} against {realistic}");
}

#[test]
fn a_gateway_without_a_way_out_fails() {
    let mut world = World::new();
    let vpc = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    let subnet = world.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]);
    let subnet = element(&subnet, "subnetId").unwrap();
    let allocation = element(&world.ec2("AllocateAddress", &[]), "allocationId").unwrap();
    let made = world.ec2("CreateNatGateway", &[("SubnetId", &subnet), ("AllocationId", &allocation)]);
    let gateway = element(&made, "natGatewayId").unwrap();
    assert_eq!(state(&mut world, &gateway), "pending");
    let shown = world.ec2("DescribeNatGateways", &[("NatGatewayId.1", &gateway)]);
    assert_eq!(element(&shown, "state").as_deref(), Some("failed"));
    assert_eq!(element(&shown, "failureCode").as_deref(), Some("Gateway.NotAttached"));
    world.ec2("ReleaseAddress", &[("AllocationId", &allocation)]);
}

#[test]
fn the_clock_can_be_changed_and_moved() {
    let mut world = World::new();
    world.control("POST", "/clock", &json!({ "pace": "realistic" }));
    let (gateway, _) = with_gateway(&mut world);
    assert_eq!(state(&mut world, &gateway), "pending");
    assert_eq!(state(&mut world, &gateway), "pending");
    world.control("POST", "/clock", &json!({ "advance_seconds": 300 }));
    assert_eq!(state(&mut world, &gateway), "available");
    let clock = world.control("GET", "/clock", &Value::Null);
    assert_eq!(clock["pace"], "realistic");
    let bad = platctl_sandbox::wire::message::Request {
        method: "POST".into(),
        path: "/_sandbox/clock".into(),
        query: String::new(),
        headers: Vec::new(),
        body: r#"{"pace":"soon"}"#.into(),
    };
    let reply = world.send(&bad).reply;
    assert_eq!(reply.status, 400, "{}", text(&reply));
}

#[test]
fn what_took_its_time_is_told_with_its_begin_and_end() {
    let mut world = World::with(Settings { pace: Pace::Scaled(10), ..Settings::default() });
    let (gateway, _) = with_gateway(&mut world);
    let ended = |world: &mut World| world.control("GET", "/calls", &Value::Null)["ended"].clone();
    assert_eq!(ended(&mut world), json!([]));
    world.now += 60_000;
    assert_eq!(state(&mut world, &gateway), "available");
    let told = ended(&mut world);
    assert_eq!((&told[0]["subject"], &told[0]["change"]), (&json!(gateway), &json!("create-nat-gateway")));
    let took = told[0]["due"].as_i64().unwrap() - told[0]["started"].as_i64().unwrap();
    assert!((70_000..140_000).contains(&took), "{took} milliseconds of its world");
}

#[test]
fn what_is_new_is_not_yet_listed_while_consistency_is_behind() {
    let mut world = World::new();
    world.control("POST", "/settings", &serde_json::json!({ "consistency_delay_ms": 2000 }));
    let vpc = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    assert!(!world.ec2("DescribeVpcs", &[]).contains(&vpc));
    assert_eq!(world.refusal("DescribeVpcs", &[("VpcId.1", &vpc)]), "InvalidVpcID.NotFound");
    world.now += 2000;
    assert!(world.ec2("DescribeVpcs", &[]).contains(&vpc));
}
