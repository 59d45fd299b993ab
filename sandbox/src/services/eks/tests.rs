//! What EKS promises, over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::clock::Pace;
use crate::testing::Client;

/// A VPC with subnets in two zones, and the roles that EKS wants.
struct Site {
    client: Client,
    subnets: Vec<String>,
}

fn trust(service: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": service },
        "Action": ["sts:AssumeRole", "sts:TagSession"] }]})
    .to_string()
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

fn site_paced(pace: Pace) -> Site {
    let mut client = Client::paced(pace);
    let made = client.ok("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    let vpc = made["Vpc"]["VpcId"].clone();
    let subnets = ["a", "b"].iter().enumerate().map(|(n, zone)| {
        let input = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"), "AvailabilityZone": format!("eu-west-1{zone}") });
        client.ok("ec2", "CreateSubnet", input)["Subnet"]["SubnetId"].as_str().unwrap().to_owned()
    });
    let subnets = subnets.collect();
    let mut site = Site { client, subnets };
    site.role("cluster", "eks.amazonaws.com", &["AmazonEKSClusterPolicy"]);
    let node = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"];
    site.role("node", "ec2.amazonaws.com", &node);
    site
}

fn site() -> Site {
    site_paced(Pace::Instant)
}

impl Site {
    fn role(&mut self, name: &str, service: &str, policies: &[&str]) {
        self.client.ok(
            "iam",
            "CreateRole",
            json!({ "RoleName": name, "AssumeRolePolicyDocument": trust(service) }),
        );
        for policy in policies {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            self.client.ok("iam", "AttachRolePolicy", json!({ "RoleName": name, "PolicyArn": arn }));
        }
    }

    fn wish(&self, name: &str) -> Value {
        json!({ "name": name, "version": "1.33", "roleArn": role_arn("cluster"), "clientRequestToken": name,
            "resourcesVpcConfig": { "subnetIds": self.subnets }, "accessConfig": { "authenticationMode": "API" } })
    }

    fn cluster(&mut self, name: &str) -> Value {
        self.client.ok("eks", "CreateCluster", self.wish(name));
        self.describe(name);
        self.describe(name)
    }

    fn describe(&mut self, name: &str) -> Value {
        self.client.ok("eks", "DescribeCluster", json!({ "name": name }))["cluster"].clone()
    }

    fn finish(&mut self, name: &str, update: &Value) -> Value {
        let of = json!({ "name": name, "updateId": update["update"]["id"] });
        assert_eq!(self.client.ok("eks", "DescribeUpdate", of.clone())["update"]["status"], "InProgress");
        let ended = self.client.ok("eks", "DescribeUpdate", of)["update"].clone();
        assert_eq!(ended["status"], "Successful");
        ended
    }

    fn nodes(&mut self, name: &str) -> Value {
        json!({ "clusterName": "dev", "nodegroupName": name, "nodeRole": role_arn("node"), "subnets": self.subnets,
            "scalingConfig": { "minSize": 1, "maxSize": 3, "desiredSize": 2 } })
    }

    fn node_group(&mut self, name: &str) -> Value {
        let of = json!({ "clusterName": "dev", "nodegroupName": name });
        self.client.ok("eks", "DescribeNodegroup", of)["nodegroup"].clone()
    }

    fn addon(&mut self, name: &str) -> Value {
        let of = json!({ "clusterName": "dev", "addonName": name });
        self.client.ok("eks", "DescribeAddon", of)["addon"].clone()
    }

    fn log_groups(&mut self) -> Vec<Value> {
        let groups = self.client.ok("logs", "DescribeLogGroups", json!({}))["logGroups"].clone();
        groups.as_array().unwrap().iter().map(|group| group["logGroupName"].clone()).collect()
    }
}

#[test]
fn a_cluster_is_creating_then_active_and_makes_its_network() {
    let mut site = site();
    let made = site.client.ok("eks", "CreateCluster", site.wish("dev"))["cluster"].clone();
    assert_eq!(made["status"], "CREATING");
    assert!(made.get("endpoint").is_none() && made.get("identity").is_none(), "not before it is active");
    assert_eq!(site.describe("dev")["status"], "CREATING");
    let active = site.describe("dev");
    assert_eq!(active["status"], "ACTIVE");
    let pem = STANDARD.decode(active["certificateAuthority"]["data"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(pem).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let group = active["resourcesVpcConfig"]["clusterSecurityGroupId"].clone();
    let shown = site.client.ok("ec2", "DescribeSecurityGroups", json!({ "GroupIds": [group] }));
    assert_eq!(shown["SecurityGroups"][0]["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], group);
    let interfaces =
        site.client.ok("ec2", "DescribeNetworkInterfaces", json!({}))["NetworkInterfaces"].clone();
    assert_eq!(interfaces.as_array().unwrap().len(), 2);
    assert_eq!(interfaces[0]["Description"], "Amazon EKS dev");
    let subnet = json!({ "SubnetId": site.subnets[0] });
    assert_eq!(site.client.code("ec2", "DeleteSubnet", subnet), "DependencyViolation");
    let linked = json!({ "RoleName": "AWSServiceRoleForAmazonEKS" });
    site.client.ok("iam", "GetRole", linked.clone());
    let task = site.client.ok("iam", "DeleteServiceLinkedRole", linked)["DeletionTaskId"].clone();
    for expected in ["IN_PROGRESS", "FAILED"] {
        let status =
            site.client.ok("iam", "GetServiceLinkedRoleDeletionStatus", json!({ "DeletionTaskId": task }));
        assert_eq!(status["Status"], expected, "a cluster needs its role");
    }
}

#[test]
fn the_same_token_is_the_same_cluster() {
    let mut site = site();
    let wish = site.wish("dev");
    let first = site.client.ok("eks", "CreateCluster", wish.clone())["cluster"]["createdAt"].clone();
    assert_eq!(site.client.ok("eks", "CreateCluster", wish.clone())["cluster"]["createdAt"], first);
    let mut other = wish.clone();
    other["version"] = "1.34".into();
    assert_eq!(site.client.code("eks", "CreateCluster", other), "InvalidParameterException");
    let mut new = wish;
    new["clientRequestToken"] = "another".into();
    assert_eq!(site.client.code("eks", "CreateCluster", new), "ResourceInUseException");
}

#[test]
fn what_a_cluster_needs_is_checked() {
    let mut site = site();
    let mut refused = |change: &dyn Fn(&mut Value)| {
        let mut wish = site.wish("dev");
        change(&mut wish);
        let refused = site.client.ask("eks", "CreateCluster", wish).unwrap_err();
        assert_eq!(refused.code, "InvalidParameterException", "{refused:?}");
    };
    refused(&|wish| wish["roleArn"] = role_arn("nobody").into());
    refused(&|wish| wish["roleArn"] = role_arn("node").into());
    refused(&|wish| wish["version"] = "1.2".into());
    refused(&|wish| wish["resourcesVpcConfig"]["subnetIds"] = json!(["subnet-0123456789abcdef0"]));
    refused(&|wish| wish["resourcesVpcConfig"]["subnetIds"].as_array_mut().unwrap().truncate(1));
    refused(&|wish| wish["resourcesVpcConfig"]["endpointPublicAccess"] = false.into());
    refused(&|wish| wish["resourcesVpcConfig"]["publicAccessCidrs"] = json!(["10.0.0.0/8"]));
    refused(&|wish| wish["kubernetesNetworkConfig"] = json!({ "serviceIpv4Cidr": "10.0.0.0/16" }));
    refused(
        &|wish| wish["logging"] = json!({ "clusterLogging": [{ "types": ["api"], "enabled": true }, { "types": ["x"], "enabled": true }] }),
    );
    let auto = json!({ "computeConfig": { "enabled": true } });
    let mut wish = site.wish("dev");
    wish["computeConfig"] = auto["computeConfig"].clone();
    assert_eq!(
        site.client.code("eks", "CreateCluster", wish),
        "NotImplemented",
        "EKS Auto Mode is not modelled"
    );
    let groups = site.client.ok("ec2", "DescribeSecurityGroups", json!({}))["SecurityGroups"].clone();
    assert_eq!(groups.as_array().unwrap().len(), 1, "a refused create leaves nothing behind");
}

#[test]
fn a_new_role_is_not_yet_assumable_while_consistency_is_behind() {
    let mut site = site();
    site.client.control("POST", "/settings", &json!({ "consistency_delay_ms": 9000 }));
    assert_eq!(site.client.code("eks", "CreateCluster", site.wish("dev")), "InvalidParameterException");
    site.client.pass(10);
    site.client.ok("eks", "CreateCluster", site.wish("dev"));
}

#[test]
fn updates_come_one_at_a_time_and_take_effect_at_their_end() {
    let mut site = site();
    site.cluster("dev");
    let logging = |kind: &str| json!({ "name": "dev", "logging": { "clusterLogging": [{ "types": [kind], "enabled": true }] } });
    let update = site.client.ok("eks", "UpdateClusterConfig", logging("api"));
    assert_eq!(update["update"]["type"], "LoggingUpdate");
    assert_eq!(site.client.code("eks", "UpdateClusterConfig", logging("audit")), "ResourceInUseException");
    site.finish("dev", &update);
    assert_eq!(site.describe("dev")["logging"]["clusterLogging"][0]["types"], json!(["api"]));
    assert_eq!(site.client.code("eks", "UpdateClusterConfig", logging("api")), "InvalidParameterException");
    assert!(site.log_groups().contains(&json!("/aws/eks/dev/cluster")));
    let both = json!({ "name": "dev", "deletionProtection": true, "logging": { "clusterLogging": [{ "types": ["audit"], "enabled": true }] } });
    assert_eq!(site.client.code("eks", "UpdateClusterConfig", both), "InvalidParameterException");
    let back = json!({ "name": "dev", "accessConfig": { "authenticationMode": "CONFIG_MAP" } });
    assert_eq!(site.client.code("eks", "UpdateClusterConfig", back), "InvalidParameterException");
    let shown = site.client.ok("eks", "ListUpdates", json!({ "name": "dev" }));
    assert_eq!(shown["updateIds"].as_array().unwrap().len(), 1);
}

#[test]
fn versions_go_up_one_minor_at_a_time() {
    let mut site = site();
    site.cluster("dev");
    let to = |version: &str| json!({ "name": "dev", "version": version });
    for bad in ["1.32", "1.33", "1.35", "2.0"] {
        assert_eq!(
            site.client.code("eks", "UpdateClusterVersion", to(bad)),
            "InvalidParameterException",
            "{bad}"
        );
    }
    let update = site.client.ok("eks", "UpdateClusterVersion", to("1.34"));
    assert_eq!(
        (&update["update"]["type"], site.describe("dev")["status"].clone()),
        (&json!("VersionUpdate"), json!("UPDATING"))
    );
    assert_eq!(site.describe("dev")["version"], "1.34");
}

#[test]
fn a_protected_cluster_and_one_with_nodes_stay() {
    let mut site = site();
    site.cluster("dev");
    let protect = |on: bool| json!({ "name": "dev", "deletionProtection": on });
    let update = site.client.ok("eks", "UpdateClusterConfig", protect(true));
    site.finish("dev", &update);
    let dev = json!({ "name": "dev" });
    assert_eq!(site.client.code("eks", "DeleteCluster", dev.clone()), "InvalidRequestException");
    let update = site.client.ok("eks", "UpdateClusterConfig", protect(false));
    site.finish("dev", &update);
    let nodes = site.nodes("ng");
    site.client.ok("eks", "CreateNodegroup", nodes);
    assert_eq!(site.client.code("eks", "DeleteCluster", dev), "ResourceInUseException");
}

#[test]
fn the_log_group_comes_back_after_a_delete_and_the_network_goes() {
    let mut site = site();
    let mut wish = site.wish("dev");
    wish["logging"] = json!({ "clusterLogging": [{ "types": ["audit"], "enabled": true }] });
    site.client.ok("eks", "CreateCluster", wish);
    site.describe("dev");
    site.describe("dev");
    let group = json!({ "logGroupName": "/aws/eks/dev/cluster" });
    assert_eq!(
        site.client.ok("eks", "DeleteCluster", json!({ "name": "dev" }))["cluster"]["status"],
        "DELETING"
    );
    site.client.ok("logs", "DeleteLogGroup", group.clone());
    assert_eq!(site.describe("dev")["status"], "DELETING");
    assert_eq!(
        site.client.code("eks", "DescribeCluster", json!({ "name": "dev" })),
        "ResourceNotFoundException"
    );
    assert_eq!(site.log_groups(), ["/aws/eks/dev/cluster"], "late logs bring the group back");
    site.client.ok("logs", "DeleteLogGroup", group);
    let interfaces = site.client.ok("ec2", "DescribeNetworkInterfaces", json!({}));
    assert_eq!(interfaces["NetworkInterfaces"], json!([]));
    let groups = site.client.ok("ec2", "DescribeSecurityGroups", json!({}))["SecurityGroups"].clone();
    assert_eq!(groups.as_array().unwrap().len(), 1, "only the default group is left");
}

#[test]
fn progress_takes_its_time_under_the_realistic_clock() {
    let mut site = site_paced(Pace::Realistic);
    site.client.ok("eks", "CreateCluster", site.wish("dev"));
    site.client.pass(60);
    assert_eq!(site.describe("dev")["status"], "CREATING");
    site.client.pass(900);
    assert_eq!(site.describe("dev")["status"], "ACTIVE");
}

#[test]
fn a_node_group_has_an_auto_scaling_group_and_a_launch_template() {
    let mut site = site();
    site.cluster("dev");
    let nodes = site.nodes("ng");
    site.client.ok("eks", "CreateNodegroup", nodes);
    assert_eq!(site.node_group("ng")["status"], "CREATING");
    let group = site.node_group("ng");
    assert_eq!(
        (&group["status"], &group["version"], &group["diskSize"]),
        (&json!("ACTIVE"), &json!("1.33"), &json!(20))
    );
    let name = group["resources"]["autoScalingGroups"][0]["name"].clone();
    let of = json!({ "AutoScalingGroupNames": [name] });
    let scaled =
        site.client.ok("autoscaling", "DescribeAutoScalingGroups", of)["AutoScalingGroups"][0].clone();
    assert_eq!(scaled["Instances"].as_array().unwrap().len(), 2);
    let set = json!({ "AutoScalingGroupName": name, "DesiredCapacity": 3 });
    site.client.ok("autoscaling", "SetDesiredCapacity", set);
    assert_eq!(site.node_group("ng")["scalingConfig"]["desiredSize"], 3, "what an autoscaler wants shows");
    let far = json!({ "AutoScalingGroupName": name, "DesiredCapacity": 9 });
    assert_eq!(site.client.code("autoscaling", "SetDesiredCapacity", far), "ValidationError");
    let templates = site.client.ok("ec2", "DescribeLaunchTemplates", json!({}))["LaunchTemplates"].clone();
    assert_eq!(templates.as_array().unwrap().len(), 1);
    let of = json!({ "clusterName": "dev", "nodegroupName": "ng" });
    site.client.ok("eks", "DeleteNodegroup", of.clone());
    assert_eq!(site.node_group("ng")["status"], "DELETING");
    assert_eq!(site.client.code("eks", "DescribeNodegroup", of), "ResourceNotFoundException");
    assert_eq!(
        site.client.ok("autoscaling", "DescribeAutoScalingGroups", json!({}))["AutoScalingGroups"],
        json!([])
    );
    assert_eq!(site.client.ok("ec2", "DescribeLaunchTemplates", json!({}))["LaunchTemplates"], json!([]));
}

#[test]
fn nodes_whose_role_lacks_a_policy_never_join() {
    let mut site = site();
    site.cluster("dev");
    site.role("poor", "ec2.amazonaws.com", &["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"]);
    let mut wish = site.nodes("ng");
    wish["nodeRole"] = role_arn("poor").into();
    site.client.ok("eks", "CreateNodegroup", wish.clone());
    site.node_group("ng");
    let failed = site.node_group("ng");
    assert_eq!(failed["status"], "CREATE_FAILED");
    assert_eq!(failed["health"]["issues"][0]["code"], "NodeCreationFailure");
    wish["nodegroupName"] = "other".into();
    wish["nodeRole"] = role_arn("cluster").into();
    assert_eq!(site.client.code("eks", "CreateNodegroup", wish), "InvalidParameterException");
}

#[test]
fn node_groups_change_labels_taints_sizes_and_versions() {
    let mut site = site();
    site.cluster("dev");
    let mut wish = site.nodes("ng");
    wish["labels"] = json!({ "a": "1", "b": "2" });
    wish["taints"] = json!([{ "key": "k", "value": "v", "effect": "NO_SCHEDULE" }]);
    wish["version"] = "1.32".into();
    site.client.ok("eks", "CreateNodegroup", wish);
    site.node_group("ng");
    let change = json!({ "clusterName": "dev", "nodegroupName": "ng",
        "labels": { "addOrUpdateLabels": { "a": "3" }, "removeLabels": ["b"] },
        "taints": { "addOrUpdateTaints": [{ "key": "k", "value": "w", "effect": "NO_SCHEDULE" }] },
        "scalingConfig": { "minSize": 2, "maxSize": 5, "desiredSize": 4 } });
    site.client.ok("eks", "UpdateNodegroupConfig", change.clone());
    assert_eq!(site.client.code("eks", "UpdateNodegroupConfig", change), "ResourceInUseException");
    assert_eq!(site.node_group("ng")["status"], "UPDATING");
    let after = site.node_group("ng");
    assert_eq!((&after["labels"], &after["taints"][0]["value"]), (&json!({ "a": "3" }), &json!("w")));
    assert_eq!(after["scalingConfig"], json!({ "minSize": 2, "maxSize": 5, "desiredSize": 4 }));
    let to = |version: &str| json!({ "clusterName": "dev", "nodegroupName": "ng", "version": version });
    assert_eq!(site.client.code("eks", "UpdateNodegroupVersion", to("1.34")), "InvalidParameterException");
    site.client.ok("eks", "UpdateNodegroupVersion", to("1.33"));
    site.node_group("ng");
    let after = site.node_group("ng");
    assert_eq!(
        (&after["version"], after["releaseVersion"].as_str().unwrap().starts_with("1.33.")),
        (&json!("1.33"), true)
    );
    let sizes = json!({ "clusterName": "dev", "nodegroupName": "ng", "scalingConfig": { "minSize": 6, "maxSize": 5 } });
    assert_eq!(site.client.code("eks", "UpdateNodegroupConfig", sizes), "InvalidParameterException");
}

#[test]
fn addons_know_their_versions_their_settings_and_their_need_of_nodes() {
    let mut site = site();
    site.cluster("dev");
    let add = |name: &str, more: Value| {
        let mut wish = json!({ "clusterName": "dev", "addonName": name });
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wish
    };
    for bad in [
        add("nope", json!({})),
        add("vpc-cni", json!({ "addonVersion": "v0" })),
        add("vpc-cni", json!({ "configurationValues": r#"{"nope":1}"# })),
        add("vpc-cni", json!({ "serviceAccountRoleArn": role_arn("nobody") })),
    ] {
        assert_eq!(site.client.code("eks", "CreateAddon", bad), "InvalidParameterException");
    }
    site.client.ok(
        "eks",
        "CreateAddon",
        add("vpc-cni", json!({ "configurationValues": r#"{"enableNetworkPolicy":"true"}"# })),
    );
    assert_eq!(site.addon("vpc-cni")["status"], "CREATING");
    assert_eq!(site.addon("vpc-cni")["status"], "ACTIVE");
    assert_eq!(site.client.code("eks", "CreateAddon", add("vpc-cni", json!({}))), "ResourceInUseException");
    site.client.ok("eks", "CreateAddon", add("coredns", json!({})));
    site.addon("coredns");
    assert_eq!(site.addon("coredns")["status"], "DEGRADED", "no nodes yet");
    let nodes = site.nodes("ng");
    site.client.ok("eks", "CreateNodegroup", nodes);
    site.node_group("ng");
    assert_eq!(site.node_group("ng")["status"], "ACTIVE");
    assert_eq!(site.addon("coredns")["status"], "ACTIVE");
    let update = add("vpc-cni", json!({ "configurationValues": r#"{"env":{"WARM_ENI_TARGET":"1"}}"# }));
    site.client.ok("eks", "UpdateAddon", update.clone());
    assert_eq!(site.client.code("eks", "UpdateAddon", update), "ResourceInUseException");
    let after = site.addon("vpc-cni");
    assert_eq!(
        (&after["status"], after["configurationValues"].as_str().unwrap().contains("WARM")),
        (&json!("UPDATING"), true)
    );
    assert_eq!(site.addon("vpc-cni")["status"], "ACTIVE");
    site.client.ok("eks", "DeleteAddon", add("vpc-cni", json!({})));
    assert_eq!(site.addon("vpc-cni")["status"], "DELETING");
    assert_eq!(
        site.client.code("eks", "DescribeAddon", add("vpc-cni", json!({}))),
        "ResourceNotFoundException"
    );
}

#[test]
fn an_addon_owns_its_pod_identities() {
    let mut site = site();
    site.cluster("dev");
    let identities = json!([{ "serviceAccount": "ebs-csi-controller-sa", "roleArn": role_arn("node") }]);
    let wish = json!({ "clusterName": "dev", "addonName": "aws-ebs-csi-driver", "podIdentityAssociations": identities });
    let made = site.client.ok("eks", "CreateAddon", wish)["addon"].clone();
    assert_eq!(made["podIdentityAssociations"].as_array().unwrap().len(), 1);
    let listed =
        site.client.ok("eks", "ListPodIdentityAssociations", json!({ "clusterName": "dev" }))["associations"]
            .clone();
    assert_eq!(listed[0]["ownerArn"], made["addonArn"]);
    let of = json!({ "clusterName": "dev", "associationId": listed[0]["associationId"] });
    assert_eq!(site.client.code("eks", "DeletePodIdentityAssociation", of), "InvalidRequestException");
    let twice = json!({ "clusterName": "dev", "namespace": "kube-system", "serviceAccount": "ebs-csi-controller-sa", "roleArn": role_arn("node") });
    assert_eq!(site.client.code("eks", "CreatePodIdentityAssociation", twice), "ResourceInUseException");
    site.addon("aws-ebs-csi-driver");
    site.client.ok("eks", "DeleteAddon", json!({ "clusterName": "dev", "addonName": "aws-ebs-csi-driver" }));
    site.addon("aws-ebs-csi-driver");
    let listed = site.client.ok("eks", "ListPodIdentityAssociations", json!({ "clusterName": "dev" }));
    assert_eq!(listed["associations"], json!([]));
}

#[test]
fn access_entries_hold_groups_and_policies() {
    let mut site = site();
    site.cluster("dev");
    let of = |more: Value| {
        let mut input = json!({ "clusterName": "dev", "principalArn": role_arn("node") });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let creator =
        site.client.ok("eks", "ListAccessEntries", json!({ "clusterName": "dev" }))["accessEntries"].clone();
    assert_eq!(creator, json!(["arn:aws:iam::123456789012:user/sandbox"]), "the creator is admitted");
    let masters = of(json!({ "kubernetesGroups": ["system:masters"] }));
    assert_eq!(site.client.code("eks", "CreateAccessEntry", masters), "InvalidParameterException");
    let nobody = json!({ "clusterName": "dev", "principalArn": "arn:aws:iam::123456789012:group/devs" });
    assert_eq!(site.client.code("eks", "CreateAccessEntry", nobody), "InvalidParameterException");
    let made = site.client.ok(
        "eks",
        "CreateAccessEntry",
        of(json!({ "kubernetesGroups": ["devs"], "tags": { "k": "v" } })),
    );
    assert_eq!(
        made["accessEntry"]["username"],
        "arn:aws:sts::123456789012:assumed-role/node/{{SessionName}}"
    );
    assert_eq!(site.client.code("eks", "CreateAccessEntry", of(json!({}))), "ResourceInUseException");
    let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    let associate = |scope: Value| of(json!({ "policyArn": policy, "accessScope": scope }));
    let bad = associate(json!({ "type": "cluster", "namespaces": ["a"] }));
    assert_eq!(site.client.code("eks", "AssociateAccessPolicy", bad), "InvalidParameterException");
    site.client.ok(
        "eks",
        "AssociateAccessPolicy",
        associate(json!({ "type": "namespace", "namespaces": ["a"] })),
    );
    site.client.ok("eks", "AssociateAccessPolicy", associate(json!({ "type": "cluster" })));
    let held =
        site.client.ok("eks", "ListAssociatedAccessPolicies", of(json!({})))["associatedAccessPolicies"]
            .clone();
    assert_eq!((held.as_array().unwrap().len(), &held[0]["accessScope"]["type"]), (1, &json!("cluster")));
    site.client.ok("eks", "DisassociateAccessPolicy", of(json!({ "policyArn": policy })));
    assert_eq!(
        site.client.code("eks", "DisassociateAccessPolicy", of(json!({ "policyArn": policy }))),
        "ResourceNotFoundException"
    );
    let arn = made["accessEntry"]["accessEntryArn"].clone();
    site.client.ok("eks", "TagResource", json!({ "resourceArn": arn, "tags": { "l": "w" } }));
    site.client.ok("eks", "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["k"] }));
    assert_eq!(
        site.client.ok("eks", "ListTagsForResource", json!({ "resourceArn": arn }))["tags"],
        json!({ "l": "w" })
    );
    site.client.ok("eks", "DeleteAccessEntry", of(json!({})));
    assert_eq!(site.client.code("eks", "DescribeAccessEntry", of(json!({}))), "ResourceNotFoundException");
}

#[test]
fn insights_find_what_stands_against_an_upgrade() {
    let mut site = site();
    site.cluster("dev");
    let statuses = |site: &mut Site| {
        let listed =
            site.client.ok("eks", "ListInsights", json!({ "clusterName": "dev" }))["insights"].clone();
        let rows = listed.as_array().unwrap().iter();
        rows.map(|row| (row["id"].clone(), row["insightStatus"]["status"].clone())).collect::<Vec<_>>()
    };
    assert!(statuses(&mut site).iter().all(|(_, status)| status == "PASSING"));
    let old = json!({ "clusterName": "dev", "addonName": "vpc-cni", "addonVersion": "v1.19.2-eksbuild.1" });
    site.client.ok("eks", "CreateAddon", old);
    let failing: Vec<Value> =
        statuses(&mut site).into_iter().filter(|(_, status)| status == "ERROR").map(|(id, _)| id).collect();
    assert_eq!(failing.len(), 1);
    let of = json!({ "clusterName": "dev", "id": failing[0] });
    let insight = site.client.ok("eks", "DescribeInsight", of)["insight"].clone();
    assert_eq!(insight["categorySpecificSummary"]["addonCompatibilityDetails"][0]["name"], "vpc-cni");
}

#[test]
fn a_token_s_parameters_are_the_same_in_any_order() {
    let mut site = site();
    let mut wish = site.wish("c");
    wish["tags"] = json!({ "a": "1", "b": "2", "c": "3" });
    let made = site.client.ok("eks", "CreateCluster", wish.clone());
    wish["tags"] = json!({ "c": "3", "b": "2", "a": "1" });
    let again = site.client.ok("eks", "CreateCluster", wish.clone());
    assert_eq!(again["cluster"]["arn"], made["cluster"]["arn"]);
    wish["tags"] = json!({ "c": "3", "b": "2", "a": "2" });
    assert_eq!(site.client.code("eks", "CreateCluster", wish), "InvalidParameterException");
}
