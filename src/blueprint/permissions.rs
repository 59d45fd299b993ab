//! Policy documents: who may assume a role, and what it may do.

use serde_json::{Value, json};

use crate::model::{Document, Text};

/// A policy document of some statements.
pub(super) fn policy(statements: Vec<Value>) -> Document {
    Document::new(json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A statement that allows actions on resources.
pub(super) fn allow(actions: &[&str], resources: &[String]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

/// The same, under a condition.
pub(super) fn allow_if(actions: &[&str], resources: &[String], condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition})
}

/// Lets an AWS service assume a role.
pub(super) fn trust_service(service: &str) -> Document {
    let principal = json!({"Service": service});
    policy(vec![json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})])
}

/// Lets EKS itself assume a role. ("Amazon EKS cluster IAM role": with session tags.)
pub(super) fn trust_cluster() -> Document {
    policy(vec![json!({
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "eks.amazonaws.com"},
    })])
}

/// Lets the pods of one service account of one cluster assume a role, by pod identity.
/// ("Create IAM role with trust policy required by EKS Pod Identity": the request tags that it sends.)
pub(super) fn trust_pod(cluster: &str, namespace: &str, service_account: &str) -> Document {
    policy(vec![json!({
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Condition": {"StringEquals": {
            "aws:RequestTag/eks-cluster-name": cluster,
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": service_account,
        }},
    })])
}

/// The same by the cluster's OIDC provider, for clusters without the pod identity agent.
pub(super) fn trust_token(provider: &Text, host: &Text, namespace: &str, service_account: &str) -> Document {
    policy(vec![json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider.as_str()},
        "Condition": {"StringEquals": {
            format!("{host}:aud"): "sts.amazonaws.com",
            format!("{host}:sub"): format!("system:serviceaccount:{namespace}:{service_account}"),
        }},
    })])
}

/// Writing to one log group, which exists already.
pub(super) fn write_logs(group: &Text) -> Document {
    let streams = [format!("{group}:*")];
    let write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
    policy(vec![allow(&write, &streams), allow(&["logs:DescribeLogGroups"], &["*".to_owned()])])
}

/// Reading the secrets and parameters below one name.
pub(super) fn read_secrets(secrets: String, parameters: String) -> Document {
    let secret_actions = [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
    ];
    let parameter_actions = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
    policy(vec![allow(&secret_actions, &[secrets]), allow(&parameter_actions, &[parameters])])
}

/// Scaling the node groups of one cluster: EKS tags the groups behind them.
/// (Cluster Autoscaler on AWS, "IAM Policy"; "Simplify node lifecycle": the tags of managed node groups.)
pub(super) fn scale_nodes(cluster: &str, node_groups: String) -> Document {
    let look = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
    ];
    let change = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"];
    let owned =
        json!({"StringEquals": {format!("aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}"): "owned"}});
    policy(vec![
        allow(&look, &["*".to_owned()]),
        allow(&["eks:DescribeNodegroup"], &[node_groups]),
        allow_if(&change, &["*".to_owned()], owned),
    ])
}

/// Making load balancers for one cluster, and changing or deleting only those that carry its tag.
/// (AWS Load Balancer Controller, "Configure IAM", narrowed from any cluster's tag to this cluster's.)
pub(super) fn balance_load(partition: &str, cluster: &str) -> Document {
    const TAG: &str = "elbv2.k8s.aws/cluster";
    let all = ["*".to_owned()];
    let ours = json!({"StringEquals": {format!("aws:ResourceTag/{TAG}"): cluster}});
    let becoming_ours = json!({"StringEquals": {format!("aws:RequestTag/{TAG}"): cluster}});
    let elb = |kinds: &[&str]| -> Vec<String> {
        kinds.iter().map(|kind| format!("arn:{partition}:elasticloadbalancing:*:*:{kind}")).collect()
    };
    let group_arn = [format!("arn:{partition}:ec2:*:*:security-group/*")];
    let balancers = elb(&["targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*"]);
    let parts = elb(&[
        "listener/net/*/*/*",
        "listener/app/*/*/*",
        "listener-rule/net/*/*/*",
        "listener-rule/app/*/*/*",
    ]);
    let tagging_group = json!({"StringEquals": {
        "ec2:CreateAction": "CreateSecurityGroup", format!("aws:RequestTag/{TAG}"): cluster,
    }});
    let tagging_new = json!({"StringEquals": {
        "elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"],
        format!("aws:RequestTag/{TAG}"): cluster,
    }});
    let linked_role = json!({"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}});
    policy(vec![
        allow_if(&["iam:CreateServiceLinkedRole"], &all, linked_role),
        allow(LOOK_AT_NETWORK, &all),
        allow(LOOK_AT_BALANCERS, &all),
        allow(
            &[
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:CreateSecurityGroup",
            ],
            &all,
        ),
        allow_if(&["ec2:CreateTags"], &group_arn, tagging_group),
        allow_if(&["ec2:CreateTags", "ec2:DeleteTags", "ec2:DeleteSecurityGroup"], &group_arn, ours.clone()),
        allow_if(
            &["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"],
            &all,
            becoming_ours,
        ),
        allow_if(&["elasticloadbalancing:AddTags"], &balancers, tagging_new),
        allow_if(
            &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
            &balancers,
            ours.clone(),
        ),
        allow(&["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"], &parts),
        allow_if(CHANGE_BALANCERS, &all, ours),
        allow(CHANGE_LISTENERS, &all),
        allow(CHANGE_TARGETS, &elb(&["targetgroup/*/*"])),
    ])
}

const LOOK_AT_NETWORK: &[&str] = &[
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeCoipPools",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeIpamPools",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:GetCoipPoolUsage",
    "ec2:GetSecurityGroupsForVpc",
];
const LOOK_AT_BALANCERS: &[&str] = &[
    "acm:DescribeCertificate",
    "acm:ListCertificates",
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:DescribeTrustStores",
];
const CHANGE_BALANCERS: &[&str] = &[
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyCapacityReservation",
    "elasticloadbalancing:ModifyIpPools",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
    "elasticloadbalancing:SetIpAddressType",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
];
const CHANGE_LISTENERS: &[&str] = &[
    "elasticloadbalancing:AddListenerCertificates",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateRule",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DeleteRule",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:RemoveListenerCertificates",
    "elasticloadbalancing:SetRulePriorities",
];
const CHANGE_TARGETS: &[&str] =
    &["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"];
