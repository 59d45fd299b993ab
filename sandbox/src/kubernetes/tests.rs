//! What controllers leave behind, and what they take away.

use serde_json::{Value, json};

use crate::testing::Client;

/// A cluster with a node group in a VPC with public and private subnets.
struct Site {
    client: Client,
    vpc: String,
    gateway: String,
    public: Vec<String>,
}

fn id(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
        .to_owned()
}

fn role(client: &mut Client, name: &str, service: &str, policies: &[&str]) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": service }, "Action": "sts:AssumeRole" }] });
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    let made = client.ok("iam", "CreateRole", input);
    for policy in policies {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        client.ok("iam", "AttachRolePolicy", json!({ "RoleName": name, "PolicyArn": arn }));
    }
    id(&made, "/Role/Arn")
}

fn subnet(client: &mut Client, vpc: &str, number: usize, tag: &str) -> String {
    let zone = ["eu-west-1a", "eu-west-1b"][number % 2];
    let tags = json!([{ "ResourceType": "subnet", "Tags": [{ "Key": tag, "Value": "1" }] }]);
    let input = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": zone,
        "TagSpecifications": tags });
    id(&client.ok("ec2", "CreateSubnet", input), "/Subnet/SubnetId")
}

fn site() -> Site {
    let mut client = Client::new();
    let vpc = id(&client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })), "/Vpc/VpcId");
    let gateway = client.ok("ec2", "CreateInternetGateway", json!({}));
    let gateway = id(&gateway, "/InternetGateway/InternetGatewayId");
    client.ok("ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    let public: Vec<String> =
        (0..2).map(|n| subnet(&mut client, &vpc, n, "kubernetes.io/role/elb")).collect();
    let private: Vec<String> =
        (2..4).map(|n| subnet(&mut client, &vpc, n, "kubernetes.io/role/internal-elb")).collect();
    let cluster_role = role(&mut client, "cluster", "eks.amazonaws.com", &["AmazonEKSClusterPolicy"]);
    let input =
        json!({ "name": "dev", "roleArn": cluster_role, "resourcesVpcConfig": { "subnetIds": private } });
    client.ok("eks", "CreateCluster", input);
    client.ok("eks", "DescribeCluster", json!({ "name": "dev" }));
    let policies =
        ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"];
    let node_role = role(&mut client, "node", "ec2.amazonaws.com", &policies);
    let input =
        json!({ "clusterName": "dev", "nodegroupName": "main", "subnets": private, "nodeRole": node_role });
    client.ok("eks", "CreateNodegroup", input);
    client.ok("eks", "DescribeNodegroup", json!({ "clusterName": "dev", "nodegroupName": "main" }));
    Site { client, vpc, gateway, public }
}

impl Site {
    fn appear(&mut self, what: &str, body: Value) -> Value {
        let mut whole = json!({ "region": "eu-west-1", "cluster": "dev" });
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.client.control("POST", &format!("/kubernetes/{what}"), &whole)
    }

    fn go(&mut self, name: &str) {
        let body = json!({ "region": "eu-west-1", "cluster": "dev", "name": name });
        self.client.control("DELETE", "/kubernetes/services", &body);
    }

    fn count(&mut self, service: &str, operation: &str, list: &str) -> usize {
        self.client.ok(service, operation, json!({}))[list].as_array().map_or(0, Vec::len)
    }

    /// Load balancers of both kinds, target groups, security groups, interfaces.
    fn counts(&mut self) -> [usize; 5] {
        [
            self.count("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
            self.count("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"),
            self.count("elbv2", "DescribeTargetGroups", "TargetGroups"),
            self.count("ec2", "DescribeSecurityGroups", "SecurityGroups"),
            self.count("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces"),
        ]
    }

    fn delete_cluster(&mut self) {
        self.client.ok("eks", "DeleteNodegroup", json!({ "clusterName": "dev", "nodegroupName": "main" }));
        self.client.ok("eks", "DescribeNodegroup", json!({ "clusterName": "dev", "nodegroupName": "main" }));
        self.client.ok("eks", "DeleteCluster", json!({ "name": "dev" }));
        self.client.ok("eks", "DescribeCluster", json!({ "name": "dev" }));
        assert_eq!(
            self.client.code("eks", "DescribeCluster", json!({ "name": "dev" })),
            "ResourceNotFoundException"
        );
    }

    fn tags_of(&mut self, group: &str) -> Value {
        let shown = self.client.ok("ec2", "DescribeSecurityGroups", json!({ "GroupIds": [group] }));
        shown["SecurityGroups"][0]["Tags"].clone()
    }
}

#[test]
fn a_service_gets_what_the_load_balancer_controller_makes() {
    let mut site = site();
    let body = json!({ "name": "frontend-app-service", "ports": [80], "target_port": 8000, "targets": ["10.0.2.9"] });
    let made = site.appear("services", body);
    let input = json!({ "ResourceArns": [made["load_balancer_arn"], made["target_groups"][0]] });
    let shown = site.client.ok("elbv2", "DescribeTags", input);
    let both = |value: &str| {
        json!([
            { "Key": "elbv2.k8s.aws/cluster", "Value": "dev" },
            { "Key": "service.k8s.aws/resource", "Value": value },
            { "Key": "service.k8s.aws/stack", "Value": "default/frontend-app-service" },
        ])
    };
    assert_eq!(shown["TagDescriptions"][0]["Tags"], both("LoadBalancer"));
    assert_eq!(shown["TagDescriptions"][1]["Tags"], both("default/frontend-app-service:80"));
    let balancer = site.client.ok("elbv2", "DescribeLoadBalancers", json!({}))["LoadBalancers"][0].clone();
    let name = id(&balancer, "/LoadBalancerName");
    assert!(name.starts_with("k8s-default-frontend-") && name.len() == 31, "{name}");
    let zones = balancer["AvailabilityZones"].as_array().unwrap();
    let subnets: Vec<String> = zones.iter().map(|zone| id(zone, "/SubnetId")).collect();
    let mut expected = site.public.clone();
    expected.sort();
    assert_eq!(subnets, expected, "the subnets with the tag for external load balancers");
    let health = site.client.ok(
        "elbv2",
        "DescribeTargetHealth",
        json!({ "TargetGroupArn": made["target_groups"][0] }),
    );
    assert_eq!(health["TargetHealthDescriptions"][0]["Target"]["Id"], "10.0.2.9");
    let front = site.tags_of(made["security_groups"][0].as_str().unwrap());
    assert_eq!(front, both("ManagedLBSecurityGroup"));
    let rules =
        site.client.ok("ec2", "DescribeSecurityGroupRules", json!({ "SecurityGroupRuleIds": made["rules"] }));
    let rule = &rules["SecurityGroupRules"][0];
    assert_eq!(rule["Description"], "elbv2.k8s.aws/targetGroupBinding=shared");
    assert_eq!((&rule["FromPort"], &rule["ToPort"]), (&json!(8000), &json!(8000)));
    assert_eq!(rule["ReferencedGroupInfo"]["GroupId"], made["security_groups"][1]);
}

#[test]
fn a_service_that_goes_takes_everything_with_it() {
    let mut site = site();
    let before = site.counts();
    site.appear("services", json!({ "name": "one" }));
    site.appear("services", json!({ "name": "two", "internal": true, "ports": [80, 443] }));
    site.appear("services", json!({ "name": "three", "load_balancer": "classic" }));
    assert_eq!(site.counts(), [before[0] + 2, 1, before[2] + 3, before[3] + 4, before[4] + 6]);
    site.go("one");
    assert_eq!(site.counts(), [before[0] + 1, 1, before[2] + 2, before[3] + 3, before[4] + 4]);
    site.go("two");
    site.go("three");
    assert_eq!(site.counts(), before);
}

#[test]
fn what_services_made_outlives_the_cluster_and_blocks_the_vpc() {
    let mut site = site();
    let made = site.appear("services", json!({ "name": "one" }));
    let classic = site.appear("services", json!({ "name": "two", "load_balancer": "classic" }));
    site.delete_cluster();
    let [network, old, groups, ..] = site.counts();
    assert_eq!((network, old, groups), (1, 1, 1));
    let (vpc, gateway, subnet) = (site.vpc.clone(), site.gateway.clone(), site.public[0].clone());
    let detach = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    assert_eq!(site.client.code("ec2", "DetachInternetGateway", detach.clone()), "DependencyViolation");
    assert_eq!(site.client.code("ec2", "DeleteSubnet", json!({ "SubnetId": subnet })), "DependencyViolation");
    for group in [&made["security_groups"][0], &classic["security_groups"][0]] {
        let code = site.client.code("ec2", "DeleteSecurityGroup", json!({ "GroupId": group }));
        assert_eq!(code, "DependencyViolation");
    }
    assert_eq!(site.client.code("ec2", "DeleteVpc", json!({ "VpcId": vpc })), "DependencyViolation");
    site.client.ok("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": made["load_balancer_arn"] }));
    site.client.ok("elb", "DeleteLoadBalancer", json!({ "LoadBalancerName": classic["load_balancer_name"] }));
    site.client.pass(1);
    site.client.ok("ec2", "DetachInternetGateway", detach);
    site.client.ok("ec2", "DeleteSubnet", json!({ "SubnetId": subnet }));
    for group in [&made["security_groups"][0], &made["security_groups"][1], &classic["security_groups"][0]] {
        site.client.ok("ec2", "DeleteSecurityGroup", json!({ "GroupId": group }));
    }
}

#[test]
fn a_classic_load_balancer_is_the_cloud_controller_s() {
    let mut site = site();
    let made =
        site.appear("services", json!({ "namespace": "shop", "name": "web", "load_balancer": "classic" }));
    let name = made["load_balancer_name"].clone();
    assert_eq!(name.as_str().map(str::len), Some(32));
    let shown = site.client.ok("elb", "DescribeTags", json!({ "LoadBalancerNames": [name] }));
    let tags = json!([
        { "Key": "kubernetes.io/cluster/dev", "Value": "owned" },
        { "Key": "kubernetes.io/service-name", "Value": "shop/web" },
    ]);
    assert_eq!(shown["TagDescriptions"][0]["Tags"], tags);
    let group = site.tags_of(made["security_groups"][0].as_str().unwrap());
    assert_eq!(group, json!([{ "Key": "kubernetes.io/cluster/dev", "Value": "owned" }]));
    // The cluster's own group lets everything of the load balancer in, so that group cannot go before the rule.
    let code =
        site.client.code("ec2", "DeleteSecurityGroup", json!({ "GroupId": made["security_groups"][0] }));
    assert_eq!(code, "DependencyViolation");
}

#[test]
fn a_claim_gets_a_volume_that_outlives_its_node() {
    let mut site = site();
    let made =
        site.appear("volumes", json!({ "namespace": "monitoring", "name": "prometheus", "size_gib": 50 }));
    let filter = json!({ "Filters": [{ "Name": "tag:kubernetes.io/cluster/dev", "Values": ["owned"] }] });
    let volume =
        |site: &mut Site| site.client.ok("ec2", "DescribeVolumes", filter.clone())["Volumes"][0].clone();
    let found = volume(&mut site);
    assert_eq!(
        (&found["VolumeId"], &found["State"], &found["Size"]),
        (&made["volume_id"], &json!("in-use"), &json!(50))
    );
    assert_eq!(found["Attachments"][0]["InstanceId"], made["instance_id"]);
    let tags = found["Tags"].as_array().unwrap();
    let tag = json!({ "Key": "kubernetes.io/created-for/pvc/name", "Value": "prometheus" });
    assert!(tags.contains(&tag), "{tags:?}");
    let delete = json!({ "VolumeId": made["volume_id"] });
    assert_eq!(site.client.code("ec2", "DeleteVolume", delete.clone()), "VolumeInUse");
    site.delete_cluster();
    assert_eq!(volume(&mut site)["State"], "available");
    site.client.ok("ec2", "DeleteVolume", delete);
}

#[test]
fn an_interface_that_a_node_left_keeps_the_cluster_s_group() {
    let mut site = site();
    let made = site.appear("interfaces", json!({}));
    site.delete_cluster();
    let filter = json!({ "Filters": [{ "Name": "tag:cluster.k8s.amazonaws.com/name", "Values": ["dev"] }] });
    let left = site.client.ok("ec2", "DescribeNetworkInterfaces", filter)["NetworkInterfaces"][0].clone();
    assert_eq!(
        (&left["NetworkInterfaceId"], &left["Status"]),
        (&made["network_interface_id"], &json!("available"))
    );
    let group = json!({ "GroupIds": [left["Groups"][0]["GroupId"]] });
    site.client.ok("ec2", "DescribeSecurityGroups", group);
    site.client.ok(
        "ec2",
        "DeleteNetworkInterface",
        json!({ "NetworkInterfaceId": left["NetworkInterfaceId"] }),
    );
}

#[test]
fn a_refused_control_call_leaves_nothing() {
    let mut site = site();
    let before = site.counts();
    // The public subnets lose their role: the controller finds none.
    let subnets = site.public.clone();
    let tags = json!([{ "Key": "kubernetes.io/role/elb" }]);
    site.client.ok("ec2", "DeleteTags", json!({ "Resources": subnets, "Tags": tags }));
    let body = json!({ "region": "eu-west-1", "cluster": "dev", "name": "one" });
    let (status, error) = site.client.refused_control("POST", "/kubernetes/services", &body);
    assert_eq!(status, 409);
    assert!(error.contains("kubernetes.io/role/elb"), "{error}");
    let body = json!({ "region": "eu-west-1", "cluster": "none", "name": "one" });
    let (status, error) = site.client.refused_control("POST", "/kubernetes/services", &body);
    assert_eq!((status, error.contains("No cluster found")), (409, true), "{error}");
    assert_eq!(site.counts(), before);
}
