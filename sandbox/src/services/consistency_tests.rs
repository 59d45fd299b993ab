//! With a consistency delay, lists do not show what was just made, and those who know its name or id do.

use serde_json::{Value, json};

use crate::testing::Client;

/// A list that lags behind: the call that makes a thing, the one that lists, and where the list stands in its reply.
struct Lagging {
    service: &'static str,
    create: (&'static str, Value),
    list: (&'static str, &'static str),
}

/// The lists of services that keep no ids of their own kind elsewhere in the tests.
fn lagging(subnet: &str) -> Vec<Lagging> {
    vec![
        Lagging {
            service: "ecr",
            create: ("CreateRepository", json!({ "repositoryName": "app" })),
            list: ("DescribeRepositories", "repositories"),
        },
        Lagging {
            service: "route53",
            create: ("CreateHostedZone", json!({ "Name": "example.internal", "CallerReference": "one" })),
            list: ("ListHostedZones", "HostedZones"),
        },
        Lagging {
            service: "route53",
            create: ("CreateHostedZone", json!({ "Name": "example.test", "CallerReference": "two" })),
            list: ("ListHostedZonesByName", "HostedZones"),
        },
        Lagging {
            service: "secretsmanager",
            create: ("CreateSecret", json!({ "Name": "password", "SecretString": "x" })),
            list: ("ListSecrets", "SecretList"),
        },
        Lagging {
            service: "elb",
            create: (
                "CreateLoadBalancer",
                json!({ "LoadBalancerName": "classic", "Subnets": [subnet], "Scheme": "internal",
                    "Listeners": [{ "Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80 }] }),
            ),
            list: ("DescribeLoadBalancers", "LoadBalancerDescriptions"),
        },
        Lagging {
            service: "elbv2",
            create: (
                "CreateLoadBalancer",
                json!({ "Name": "network", "Type": "network", "Scheme": "internal", "Subnets": [subnet] }),
            ),
            list: ("DescribeLoadBalancers", "LoadBalancers"),
        },
        Lagging {
            service: "elbv2",
            create: (
                "CreateTargetGroup",
                json!({ "Name": "targets", "Protocol": "TCP", "Port": 80, "TargetType": "ip" }),
            ),
            list: ("DescribeTargetGroups", "TargetGroups"),
        },
    ]
}

fn network(client: &mut Client) -> (String, String) {
    let vpc = client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap().to_owned();
    let input = json!({ "VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a" });
    let subnet = client.ok("ec2", "CreateSubnet", input);
    (vpc, subnet["Subnet"]["SubnetId"].as_str().unwrap().to_owned())
}

#[test]
fn lists_lag_behind_what_was_made_by_the_delay_and_no_longer() {
    let mut client = Client::new();
    let (vpc, subnet) = network(&mut client);
    client.control("POST", "/settings", &json!({ "consistency_delay_ms": 5000 }));
    for Lagging { service, create: (create, mut input), list: (list, member) } in lagging(&subnet) {
        if create == "CreateTargetGroup" {
            input["VpcId"] = json!(vpc);
        }
        let listed = |client: &mut Client| match &client.ok(service, list, json!({}))[member] {
            Value::Array(rows) => rows.len(),
            Value::Null => 0,
            other => panic!("{service}:{list} gave {other}"),
        };
        let before = listed(&mut client);
        client.ok(service, create, input);
        assert_eq!(listed(&mut client), before, "{service}:{list} shows at once what {create} made");
        client.pass(5);
        assert_eq!(listed(&mut client), before + 1, "{service}:{list} never shows what {create} made");
    }
}

#[test]
fn who_knows_the_name_sees_what_lists_do_not_show_yet() {
    let mut client = Client::new();
    let (_, subnet) = network(&mut client);
    client.control("POST", "/settings", &json!({ "consistency_delay_ms": 5000 }));
    client.ok("ecr", "CreateRepository", json!({ "repositoryName": "app" }));
    let found = client.ok("ecr", "DescribeRepositories", json!({ "repositoryNames": ["app"] }));
    assert_eq!(found["repositories"][0]["repositoryName"], "app");
    let input = json!({ "Name": "network", "Type": "network", "Scheme": "internal", "Subnets": [subnet] });
    client.ok("elbv2", "CreateLoadBalancer", input);
    let found = client.ok("elbv2", "DescribeLoadBalancers", json!({ "Names": ["network"] }));
    assert_eq!(found["LoadBalancers"][0]["LoadBalancerName"], "network");
    client.ok("secretsmanager", "CreateSecret", json!({ "Name": "password", "SecretString": "x" }));
    assert_eq!(
        client.ok("secretsmanager", "DescribeSecret", json!({ "SecretId": "password" }))["Name"],
        "password"
    );
}
