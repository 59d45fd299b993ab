//! What load balancers promise, over the wire.

use serde_json::{Value, json};

use crate::testing::Client;

struct Site {
    client: Client,
    vpc: String,
    subnets: Vec<String>,
}

fn site() -> Site {
    let mut client = Client::new();
    let made = client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    let vpc = made["Vpc"]["VpcId"].as_str().unwrap().to_owned();
    let subnets = ["a", "b"]
        .iter()
        .enumerate()
        .map(|(n, zone)| {
            let input = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"),
                "AvailabilityZone": format!("eu-west-1{zone}") });
            client.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].as_str().unwrap().to_owned()
        })
        .collect();
    Site { client, vpc, subnets }
}

impl Site {
    fn balancer(&mut self, name: &str, kind: &str) -> String {
        let input = json!({ "Name": name, "Type": kind, "Scheme": "internal", "Subnets": self.subnets });
        let made = self.client.ok("elbv2", "CreateLoadBalancer", input);
        made["LoadBalancers"][0]["LoadBalancerArn"].as_str().unwrap().to_owned()
    }

    fn group(&mut self, name: &str, protocol: &str) -> String {
        let input =
            json!({ "Name": name, "Protocol": protocol, "Port": 80, "VpcId": self.vpc, "TargetType": "ip" });
        let made = self.client.ok("elbv2", "CreateTargetGroup", input);
        made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap().to_owned()
    }

    fn listener(&mut self, balancer: &str, group: &str, protocol: &str) -> String {
        let input = json!({ "LoadBalancerArn": balancer, "Protocol": protocol, "Port": 80,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] });
        let made = self.client.ok("elbv2", "CreateListener", input);
        made["Listeners"][0]["ListenerArn"].as_str().unwrap().to_owned()
    }

    fn state(&mut self, arn: &str) -> Value {
        let shown = self.client.ok("elbv2", "DescribeLoadBalancers", json!({ "LoadBalancerArns": [arn] }));
        shown["LoadBalancers"][0]["State"]["Code"].clone()
    }

    fn interfaces(&mut self) -> usize {
        let shown = self.client.ok("ec2", "DescribeNetworkInterfaces", json!({}));
        shown["NetworkInterfaces"].as_array().map_or(0, Vec::len)
    }
}

#[test]
fn a_load_balancer_is_provisioned_and_leaves_its_interfaces_for_a_moment() {
    let mut site = site();
    let arn = site.balancer("dev", "network");
    assert_eq!(site.state(&arn), "provisioning");
    assert_eq!(site.state(&arn), "active");
    assert_eq!(site.interfaces(), 2);
    assert_eq!(site.balancer("dev", "network"), arn, "the same settings are the same load balancer");
    let other =
        json!({ "Name": "dev", "Type": "network", "Scheme": "internal", "Subnets": [site.subnets[0]] });
    assert_eq!(site.client.code("elbv2", "CreateLoadBalancer", other), "DuplicateLoadBalancerName");
    let public = json!({ "Name": "pub", "Type": "network", "Subnets": site.subnets });
    assert_eq!(
        site.client.code("elbv2", "CreateLoadBalancer", public),
        "InvalidSubnet",
        "no internet gateway"
    );
    let subnet = json!({ "SubnetId": site.subnets[0] });
    assert_eq!(site.client.code("ec2", "DeleteSubnet", subnet.clone()), "DependencyViolation");
    site.client.ok("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
    assert_eq!(site.interfaces(), 2, "the interfaces go later than the load balancer");
    assert_eq!(site.client.code("ec2", "DeleteSubnet", subnet.clone()), "DependencyViolation");
    site.client.pass(1);
    site.client.ok("ec2", "DeleteSubnet", subnet);
    assert_eq!(site.interfaces(), 0);
    site.client.ok("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
}

#[test]
fn deletion_protection_protects() {
    let mut site = site();
    let arn = site.balancer("dev", "application");
    let set = |value: &str| {
        json!({ "LoadBalancerArn": arn,
        "Attributes": [{ "Key": "deletion_protection.enabled", "Value": value }] })
    };
    site.client.ok("elbv2", "ModifyLoadBalancerAttributes", set("true"));
    let delete = json!({ "LoadBalancerArn": arn });
    assert_eq!(site.client.code("elbv2", "DeleteLoadBalancer", delete.clone()), "OperationNotPermitted");
    assert_eq!(
        site.client.code("elbv2", "ModifyLoadBalancerAttributes", set("maybe")),
        "InvalidConfigurationRequest"
    );
    let unknown = json!({ "LoadBalancerArn": arn, "Attributes": [{ "Key": "nope", "Value": "" }] });
    assert_eq!(
        site.client.code("elbv2", "ModifyLoadBalancerAttributes", unknown),
        "InvalidConfigurationRequest"
    );
    let shown = site.client.ok("elbv2", "DescribeLoadBalancerAttributes", delete.clone());
    let timeout =
        shown["Attributes"].as_array().unwrap().iter().find(|a| a["Key"] == "idle_timeout.timeout_seconds");
    assert_eq!(timeout.unwrap()["Value"], "60");
    site.client.ok("elbv2", "ModifyLoadBalancerAttributes", set("false"));
    site.client.ok("elbv2", "DeleteLoadBalancer", delete);
}

#[test]
fn a_target_group_in_use_stays_and_belongs_to_one_load_balancer() {
    let mut site = site();
    let (first, second) = (site.balancer("one", "network"), site.balancer("two", "network"));
    let group = site.group("web", "TCP");
    let listener = site.listener(&first, &group, "TCP");
    let again = |port: u16, target: &str| {
        json!({ "LoadBalancerArn": second, "Protocol": "TCP", "Port": port,
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": target }] })
    };
    assert_eq!(site.client.code("elbv2", "CreateListener", again(80, &group)), "TargetGroupAssociationLimit");
    let http = site.group("http", "HTTP");
    assert_eq!(site.client.code("elbv2", "CreateListener", again(80, &http)), "IncompatibleProtocols");
    let of = json!({ "TargetGroupArn": group });
    assert_eq!(site.client.code("elbv2", "DeleteTargetGroup", of.clone()), "ResourceInUse");
    let shown = site.client.ok("elbv2", "DescribeTargetGroups", json!({ "LoadBalancerArn": first }));
    assert_eq!(shown["TargetGroups"][0]["LoadBalancerArns"][0], first);
    site.client.ok("elbv2", "DeleteListener", json!({ "ListenerArn": listener }));
    site.client.ok("elbv2", "DeleteTargetGroup", of);
}

#[test]
fn targets_go_through_initial_healthy_and_draining() {
    let mut site = site();
    let balancer = site.balancer("dev", "network");
    let group = site.group("web", "TCP");
    let of = json!({ "TargetGroupArn": group, "Targets": [{ "Id": "10.0.0.9" }] });
    site.client.ok("elbv2", "RegisterTargets", of.clone());
    let outside = json!({ "TargetGroupArn": group, "Targets": [{ "Id": "192.0.2.1" }] });
    assert_eq!(site.client.code("elbv2", "RegisterTargets", outside), "InvalidTarget");
    let health = |site: &mut Site| {
        let shown = site.client.ok("elbv2", "DescribeTargetHealth", json!({ "TargetGroupArn": group }));
        shown["TargetHealthDescriptions"][0]["TargetHealth"]["State"].clone()
    };
    assert_eq!(health(&mut site), "unused", "no listener forwards to it");
    site.listener(&balancer, &group, "TCP");
    assert_eq!(health(&mut site), "initial");
    assert_eq!(health(&mut site), "healthy");
    site.client.ok("elbv2", "DeregisterTargets", of);
    assert_eq!(health(&mut site), "draining");
    assert_eq!(health(&mut site), Value::Null);
}

#[test]
fn rules_have_priorities_and_end_with_their_load_balancer() {
    let mut site = site();
    let balancer = site.balancer("dev", "application");
    let group = site.group("web", "HTTP");
    let listener = site.listener(&balancer, &group, "HTTP");
    let rule = json!({ "ListenerArn": listener, "Priority": 5, "Tags": [{ "Key": "k", "Value": "v" }],
        "Conditions": [{ "Field": "path-pattern", "Values": ["/api/*"] }],
        "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }] });
    let arn = site.client.ok("elbv2", "CreateRule", rule.clone())["Rules"][0]["RuleArn"].clone();
    assert_eq!(site.client.code("elbv2", "CreateRule", rule), "PriorityInUse");
    let rules = site.client.ok("elbv2", "DescribeRules", json!({ "ListenerArn": listener }))["Rules"].clone();
    assert_eq!((&rules[0]["Priority"], &rules[1]["Priority"]), (&json!("5"), &json!("default")));
    let default = json!({ "RuleArn": rules[1]["RuleArn"] });
    assert_eq!(site.client.code("elbv2", "DeleteRule", default), "OperationNotPermitted");
    let tags = site.client.ok("elbv2", "DescribeTags", json!({ "ResourceArns": [arn] }));
    assert_eq!(tags["TagDescriptions"][0]["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    site.client.ok("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer }));
    assert_eq!(site.client.code("elbv2", "DescribeRules", json!({ "RuleArns": [arn] })), "RuleNotFound");
    assert_eq!(
        site.client.code("elbv2", "DescribeListeners", json!({ "ListenerArns": [listener] })),
        "ListenerNotFound"
    );
}
