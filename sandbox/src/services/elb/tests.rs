//! What classic load balancers promise, over the wire.

use serde_json::json;

use crate::testing::Client;

#[test]
fn a_classic_load_balancer_has_interfaces_tags_and_attributes() {
    let mut client = Client::new();
    let vpc = client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))["Vpc"]["VpcId"].clone();
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a" });
    let subnet = client.ok("ec2", "CreateSubnet", subnet)["Subnet"]["SubnetId"].clone();
    let wish = json!({ "LoadBalancerName": "dev", "Subnets": [subnet], "Scheme": "internal",
        "Listeners": [{ "Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080 }],
        "Tags": [{ "Key": "kubernetes.io/cluster/dev", "Value": "owned" }] });
    let dns = client.ok("elb", "CreateLoadBalancer", wish.clone())["DNSName"].as_str().unwrap().to_owned();
    assert!(dns.starts_with("internal-dev-"), "{dns}");
    assert_eq!(client.code("elb", "CreateLoadBalancer", wish), "DuplicateLoadBalancerName");
    let shown = client.ok("elb", "DescribeLoadBalancers", json!({ "LoadBalancerNames": ["dev"] }));
    let shown = &shown["LoadBalancerDescriptions"][0];
    assert_eq!((&shown["VPCId"], &shown["HealthCheck"]["Target"]), (&vpc, &json!("TCP:30080")));
    let tags = client.ok("elb", "DescribeTags", json!({ "LoadBalancerNames": ["dev"] }));
    assert_eq!(tags["TagDescriptions"][0]["Tags"][0]["Value"], "owned");
    let set = json!({ "LoadBalancerName": "dev", "LoadBalancerAttributes": { "ConnectionSettings": { "IdleTimeout": 90 } } });
    client.ok("elb", "ModifyLoadBalancerAttributes", set);
    let of = json!({ "LoadBalancerName": "dev" });
    let shown =
        client.ok("elb", "DescribeLoadBalancerAttributes", of.clone())["LoadBalancerAttributes"].clone();
    assert_eq!(shown["ConnectionSettings"]["IdleTimeout"], 90);
    assert_eq!(shown["ConnectionDraining"]["Timeout"], 300);
    let gone = json!({ "SubnetId": subnet });
    client.ok("elb", "DeleteLoadBalancer", of.clone());
    assert_eq!(client.code("ec2", "DeleteSubnet", gone.clone()), "DependencyViolation");
    client.pass(1);
    client.ok("ec2", "DeleteSubnet", gone);
    client.ok("elb", "DeleteLoadBalancer", of.clone());
    assert_eq!(
        client.code("elb", "DescribeLoadBalancers", json!({ "LoadBalancerNames": ["dev"] })),
        "LoadBalancerNotFound"
    );
}
