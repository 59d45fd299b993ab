//! An environment in a network, with a key and with roles that exist already: they are used, and left alone.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::life::items;

/// What somebody has made before: a VPC with subnets, roles and a key. Gives the settings that name them.
async fn made_before(ground: &Ground) -> String {
    let config = ground.other_client();
    let (ec2, iam) = (aws_sdk_ec2::Client::new(&config), aws_sdk_iam::Client::new(&config));
    let vpc = ec2.create_vpc().cidr_block("10.10.0.0/16").send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    for attribute in ["support", "hostnames"] {
        let on = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(true).build();
        let modify = ec2.modify_vpc_attribute().vpc_id(&vpc);
        let modify = match attribute {
            "support" => modify.enable_dns_support(on),
            _ => modify.enable_dns_hostnames(on),
        };
        modify.send().await.unwrap();
    }
    let gateway = ec2.create_internet_gateway().send().await.unwrap().internet_gateway.unwrap();
    let gateway = gateway.internet_gateway_id.unwrap();
    ec2.attach_internet_gateway().vpc_id(&vpc).internet_gateway_id(&gateway).send().await.unwrap();
    let mut subnets = Vec::new();
    for (number, (zone, role)) in
        [("a", "internal-elb"), ("b", "internal-elb"), ("a", "elb"), ("b", "elb")].into_iter().enumerate()
    {
        let tag = Tag::builder().key(format!("kubernetes.io/role/{role}")).value("1").build();
        let tags = TagSpecification::builder().resource_type(ResourceType::Subnet).tags(tag).build();
        let create = ec2.create_subnet().vpc_id(&vpc).cidr_block(format!("10.10.{number}.0/24"));
        let create = create.availability_zone(format!("us-east-1{zone}")).tag_specifications(tags);
        subnets.push(create.send().await.unwrap().subnet.unwrap().subnet_id.unwrap());
    }
    let mut roles = Vec::new();
    for (name, service, policies) in [
        ("theirs-cluster", "eks.amazonaws.com", &["AmazonEKSClusterPolicy"] as &[&str]),
        (
            "theirs-nodes",
            "ec2.amazonaws.com",
            &["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"],
        ),
    ] {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]});
        let create = iam.create_role().role_name(name).assume_role_policy_document(trust.to_string());
        roles.push(create.send().await.unwrap().role.unwrap().arn);
        for policy in policies {
            let attach = iam.attach_role_policy().role_name(name);
            attach.policy_arn(format!("arn:aws:iam::aws:policy/{policy}")).send().await.unwrap();
        }
    }
    let key = aws_sdk_kms::Client::new(&config).create_key().send().await.unwrap();
    let key = key.key_metadata.unwrap().arn.unwrap();
    let [one, two, three, four]: [String; 4] = subnets.try_into().unwrap();
    format!(
        "[network.existing]\nvpc = '{vpc}'\nprivate_subnets = ['{one}', '{two}']\n\
         public_subnets = ['{three}', '{four}']\n\
         [cluster]\nrole_arn = '{}'\nnode_role_arn = '{}'\n\
         [cluster.secrets_encryption]\nkey_arn = '{key}'",
        roles[0], roles[1]
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exists_is_used_and_left_alone() {
    let ground = Ground::sandbox("dev");
    ground.run("status", 0);
    let settings = made_before(&ground).await;
    ground
        .edit(|file| drop(file.get_mut("network").and_then(|network| network.as_table_mut()?.remove("nat"))));
    ground.set(&settings);
    let theirs = ground.inventory();
    ground.run("up", 0);
    ground.stands();
    let standing = ground.inventory();
    let kinds: BTreeSet<&str> = items(&standing).iter().filter_map(|item| item["kind"].as_str()).collect();
    assert!(kinds.contains("eks:cluster") && !kinds.contains("ec2:natgateway"), "{kinds:?}");
    let vpcs = items(&standing).iter().filter(|item| item["kind"] == "ec2:vpc").count();
    assert_eq!(vpcs, 1, "the one that exists");
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left"), "{err}");
    let after = ground.inventory();
    let [theirs, after] = [items(&theirs), items(&after)];
    let touched: Vec<&&Value> = theirs.iter().filter(|item| !after.contains(item)).collect();
    assert!(touched.is_empty(), "{touched:?}");
}
