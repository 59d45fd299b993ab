//! A call is a transaction, and nothing is ignored.

use crate::common::{World, element, elements, text};
use serde_json::Value;

#[test]
fn a_refused_call_leaves_nothing() {
    let mut world = World::new();
    world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    let before = world.dump();
    let refused: [(&str, &[(&str, &str)]); 5] = [
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/8")]),
        ("CreateVpc", &[("CidrBlock", "10.1.0.0/16"), ("DryRun", "true")]),
        ("CreateVpc", &[("CidrBlock", "10.1.0.0/16"), ("Ipv6Pool", "x")]),
        ("CreateVpc", &[("CidrBlock", "10.1.0.0/16"), ("NoSuchParameter", "x")]),
        ("DeleteVpc", &[("VpcId", "vpc-0123456789abcdef0")]),
    ];
    for (action, parameters) in refused {
        world.refusal(action, parameters);
        assert_eq!(world.dump(), before, "{action} {parameters:?}");
    }
}

#[test]
fn what_is_not_modelled_is_named() {
    let mut world = World::new();
    let said = |world: &mut World, action: &str, parameters: &[(&str, &str)]| {
        let reply = world.try_ec2(action, parameters);
        (reply.status, element(&text(&reply), "Message").unwrap_or_default())
    };
    let cidr = ("CidrBlock", "10.1.0.0/16");
    let (status, message) = said(&mut world, "CreateVpc", &[cidr, ("Ipv6Pool", "x")]);
    assert_eq!(status, 501);
    assert!(message.contains("the member Ipv6Pool of ec2:CreateVpc"), "{message}");
    let (status, message) = said(&mut world, "CreateVpc", &[cidr, ("Nonsense.1.Name", "x")]);
    assert_eq!(status, 501);
    assert!(message.contains("Nonsense"), "{message}");
    let (status, message) = said(&mut world, "RunInstances", &[]);
    assert_eq!(status, 501);
    assert!(message.contains("ec2:RunInstances"), "{message}");
    let filter = [("Filter.1.Name", "no-such-filter"), ("Filter.1.Value.1", "x")];
    assert_eq!(world.refusal("DescribeVpcs", &filter), "InvalidParameterValue");
}

#[test]
fn the_model_is_checked_before_anything_runs() {
    let mut world = World::new();
    assert_eq!(world.refusal("DeleteVpc", &[]), "MissingParameter");
    let tenancy = [("CidrBlock", "10.0.0.0/16"), ("InstanceTenancy", "bogus")];
    assert_eq!(world.refusal("CreateVpc", &tenancy), "InvalidParameterValue");
    assert_eq!(world.refusal("DescribeVpcs", &[("MaxResults", "many")]), "InvalidParameterValue");
    assert_eq!(world.refusal("DescribeVpcs", &[("MaxResults", "2")]), "InvalidParameterValue");
    assert_eq!(world.refusal("DescribeVpcs", &[("NextToken", "nonsense")]), "InvalidNextToken");
}

#[test]
fn a_client_token_makes_one_resource() {
    let mut world = World::new();
    let vpc = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    let asked = [("VpcId", vpc.as_str()), ("ClientToken", "t1")];
    let first = element(&world.ec2("CreateRouteTable", &asked), "routeTableId");
    let again = element(&world.ec2("CreateRouteTable", &asked), "routeTableId");
    assert!(first.is_some() && first == again);
    let tagged = [
        asked[0],
        asked[1],
        ("TagSpecification.1.ResourceType", "route-table"),
        ("TagSpecification.1.Tag.1.Key", "a"),
        ("TagSpecification.1.Tag.1.Value", "b"),
    ];
    assert_eq!(world.refusal("CreateRouteTable", &tagged), "IdempotentParameterMismatch");
    let other = element(&world.ec2("CreateRouteTable", &[asked[0], ("ClientToken", "t2")]), "routeTableId");
    assert_ne!(first, other);
    // EC2 forgets a token after a day.
    world.now += 25 * 3_600_000;
    let late = element(&world.ec2("CreateRouteTable", &asked), "routeTableId");
    assert_ne!(first, late);
}

#[test]
fn accounts_and_regions_are_apart() {
    let mut world = World::new();
    world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    world.region = "us-west-2";
    assert!(elements(&world.ec2("DescribeVpcs", &[]), "vpcId").is_empty());
    world.region = "eu-west-1";
    assert_eq!(elements(&world.ec2("DescribeVpcs", &[]), "vpcId").len(), 1);
    let key = serde_json::json!({ "access_key": "AKIAIOSFODNN7EXAMPLE", "account": "210987654321" });
    world.control("POST", "/keys", &key);
    assert!(elements(&world.ec2("DescribeVpcs", &[]), "vpcId").is_empty());
}

#[test]
fn pages_neither_repeat_nor_lose_rows() {
    let mut world = World::new();
    let vpc = element(&world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]), "vpcId").unwrap();
    for number in 0..17 {
        world.ec2("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", &format!("10.0.{number}.0/24"))]);
    }
    let (mut seen, mut token, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let mut asked = vec![("MaxResults", "5")];
        if let Some(token) = &token {
            asked.push(("NextToken", token));
        }
        let page = world.ec2("DescribeSubnets", &asked);
        let ids = elements(&page, "subnetId");
        if pages == 0 {
            // A row of the first page goes; the second page begins where it would have begun.
            world.ec2("DeleteSubnet", &[("SubnetId", &ids[0])]);
        }
        seen.extend(ids);
        pages += 1;
        token = element(&page, "nextToken");
        if token.is_none() {
            break;
        }
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len(), pages), (17, 17, 4));
}

#[test]
fn the_call_log_counts_by_operation() {
    let mut world = World::new();
    world.ec2("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    world.refusal("CreateVpc", &[("CidrBlock", "10.0.0.0/8")]);
    let log = world.control("GET", "/calls", &Value::Null);
    assert_eq!(log["counts"]["ec2:CreateVpc"]["calls"], 2);
    assert_eq!(log["counts"]["ec2:CreateVpc"]["errors"], 1);
    let outcomes: Vec<_> =
        log["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect();
    assert_eq!(outcomes, ["ok", "InvalidVpc.Range"]);
    assert_eq!(log["calls"][0]["mutating"], true);
    assert_eq!(log["calls"][0]["access_key"], "AKIAIOSFODNN7EXAMPLE");
}
