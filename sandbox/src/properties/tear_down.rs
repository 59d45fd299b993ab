//! Deleting everything through the APIs, and the proof that nothing is left.

use serde_json::{Value, json};

use super::Ground;
use super::act::eyes;
use crate::services;
use crate::testing::Client;
use crate::world::World;

fn ids<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    ids.map(str::to_owned).collect()
}

fn pairs<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    keys.filter_map(|key| key.split_once('/'))
        .map(|(one, other)| (one.to_owned(), other.to_owned()))
        .collect()
}

/// Deletes everything that a sequence made, in the order that AWS allows.
pub(super) fn tear_down(client: &mut Client, ground: &Ground) {
    traffic(client);
    clusters(client);
    stores(client);
    // Interfaces of load balancers leave a little later, and keys after their days.
    client.pass(1);
    network(client, ground);
    identity(client);
    client.pass(40 * 24 * 3600);
    client.ok("secretsmanager", "ListSecrets", json!({}));
    client.ok("kms", "CreateKey", json!({ "Description": "last" }));
}

fn traffic(client: &mut Client) {
    for arn in ids(eyes(client.world()).region.elbv2.balancers.ids()) {
        client.ok("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
    }
    for arn in ids(eyes(client.world()).region.elbv2.target_groups.ids()) {
        client.ok("elbv2", "DeleteTargetGroup", json!({ "TargetGroupArn": arn }));
    }
    for name in ids(eyes(client.world()).region.elb.balancers.ids()) {
        client.ok("elb", "DeleteLoadBalancer", json!({ "LoadBalancerName": name }));
    }
}

fn clusters(client: &mut Client) {
    // What is under way ends once it was seen.
    for _ in 0..3 {
        for (cluster, name) in pairs(eyes(client.world()).region.eks.updates.ids()) {
            let groups = pairs(eyes(client.world()).region.eks.node_groups.ids());
            for group in groups.iter().filter(|(owner, _)| *owner == cluster).map(|(_, group)| group) {
                let _ = client.ask(
                    "eks",
                    "DescribeUpdate",
                    json!({ "name": cluster, "nodegroupName": group, "updateId": name }),
                );
            }
            let _ = client.ask("eks", "DescribeUpdate", json!({ "name": cluster, "updateId": name }));
        }
        for (cluster, name) in pairs(eyes(client.world()).region.eks.node_groups.ids()) {
            let _ = client.ask(
                "eks",
                "DescribeNodegroup",
                json!({ "clusterName": cluster, "nodegroupName": name }),
            );
        }
        for name in ids(eyes(client.world()).region.eks.clusters.ids()) {
            let _ = client.ask("eks", "DescribeCluster", json!({ "name": name }));
        }
    }
    for (cluster, name) in pairs(eyes(client.world()).region.eks.node_groups.ids()) {
        let input = json!({ "clusterName": cluster, "nodegroupName": name });
        client.ok("eks", "DeleteNodegroup", input.clone());
        client.ok("eks", "DescribeNodegroup", input);
    }
    for name in ids(eyes(client.world()).region.eks.clusters.ids()) {
        let input = json!({ "name": name });
        client.ok("eks", "DeleteCluster", input.clone());
        client.ok("eks", "DescribeCluster", input);
    }
}

fn stores(client: &mut Client) {
    client.ok("logs", "DescribeLogGroups", json!({}));
    for name in ids(eyes(client.world()).region.logs.groups.ids()) {
        client.ok("logs", "DeleteLogGroup", json!({ "logGroupName": name }));
    }
    for name in ids(eyes(client.world()).region.ecr.repositories.ids()) {
        client.ok("ecr", "DeleteRepository", json!({ "repositoryName": name, "force": true }));
    }
    for name in ids(eyes(client.world()).region.secretsmanager.secrets.ids()) {
        client.ok(
            "secretsmanager",
            "DeleteSecret",
            json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true }),
        );
    }
    for name in ids(eyes(client.world()).region.ssm.parameters.ids()) {
        client.ok("ssm", "DeleteParameter", json!({ "Name": name }));
    }
    for arn in ids(eyes(client.world()).region.acm.certificates.ids()) {
        client.ok("acm", "DeleteCertificate", json!({ "CertificateArn": arn }));
    }
    for name in ids(eyes(client.world()).account.s3.buckets.ids()) {
        let _ = client.ask("s3", "DeleteObject", json!({ "Bucket": name, "Key": "state" }));
        client.ok("s3", "DeleteBucket", json!({ "Bucket": name }));
    }
    for zone in ids(eyes(client.world()).account.route53.zones.ids()) {
        for record in ["x0", "x1"] {
            let change = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": {
                "Name": format!("{record}.backend.internal"), "Type": "A", "TTL": 60,
                "ResourceRecords": [{ "Value": "10.0.0.9" }] } }] });
            let _ = client.ask(
                "route53",
                "ChangeResourceRecordSets",
                json!({ "HostedZoneId": zone, "ChangeBatch": change }),
            );
        }
        client.ok("route53", "DeleteHostedZone", json!({ "Id": zone }));
    }
}

fn network(client: &mut Client, ground: &Ground) {
    client.ok("ec2", "DescribeVolumes", json!({}));
    for id in ids(eyes(client.world()).region.ec2.volumes.ids()) {
        let _ = client.ask("ec2", "DeleteVolume", json!({ "VolumeId": id }));
    }
    client.ok("ec2", "DescribeVolumes", json!({}));
    // Those of services leave by themselves.
    let own = eyes(client.world()).region.ec2.interfaces.iter().filter(|(_, row)| row.requester.is_none());
    for id in own.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
        client.ok("ec2", "DeleteNetworkInterface", json!({ "NetworkInterfaceId": id }));
    }
    let rules = eyes(client.world()).region.ec2.rules.iter();
    let rules: Vec<(String, String, bool)> =
        rules.map(|(id, rule)| (id.to_owned(), rule.group.clone(), rule.egress)).collect();
    for (rule, group, egress) in rules {
        let operation = if egress { "RevokeSecurityGroupEgress" } else { "RevokeSecurityGroupIngress" };
        client.ok("ec2", operation, json!({ "GroupId": group, "SecurityGroupRuleIds": [rule] }));
    }
    let groups = eyes(client.world()).region.ec2.groups.iter();
    let groups = groups.filter(|(_, row)| row.name != "default").map(|(id, _)| id.to_owned());
    for id in groups.collect::<Vec<_>>() {
        client.ok("ec2", "DeleteSecurityGroup", json!({ "GroupId": id }));
    }
    for id in &ground.subnets {
        client.ok("ec2", "DeleteSubnet", json!({ "SubnetId": id }));
    }
    for id in ids(eyes(client.world()).region.ec2.internet_gateways.ids()) {
        client.ok("ec2", "DetachInternetGateway", json!({ "InternetGatewayId": id, "VpcId": ground.vpc }));
        client.ok("ec2", "DeleteInternetGateway", json!({ "InternetGatewayId": id }));
    }
    client.ok("ec2", "DeleteVpc", json!({ "VpcId": ground.vpc }));
}

fn identity(client: &mut Client) {
    for name in ids(eyes(client.world()).account.iam.instance_profiles.ids()) {
        for role in ids(eyes(client.world()).account.iam.roles.ids()) {
            let pair = json!({ "InstanceProfileName": name, "RoleName": role });
            let _ = client.ask("iam", "RemoveRoleFromInstanceProfile", pair);
        }
        client.ok("iam", "DeleteInstanceProfile", json!({ "InstanceProfileName": name }));
    }
    let roles = eyes(client.world()).account.iam.roles.iter();
    let roles = roles.filter(|(name, _)| !name.starts_with("AWSServiceRole"));
    let roles: Vec<(String, Vec<String>)> =
        roles.map(|(name, role)| (name.to_owned(), role.attached.iter().cloned().collect())).collect();
    for (role, policies) in roles {
        for policy in policies {
            client.ok("iam", "DetachRolePolicy", json!({ "RoleName": role, "PolicyArn": policy }));
        }
        client.ok("iam", "DeleteRole", json!({ "RoleName": role }));
    }
    for arn in ids(eyes(client.world()).account.iam.policies.ids()) {
        client.ok("iam", "DeletePolicy", json!({ "PolicyArn": arn }));
    }
    for name in ids(eyes(client.world()).region.kms.aliases.ids()) {
        client.ok("kms", "DeleteAlias", json!({ "AliasName": name }));
    }
    for id in ids(eyes(client.world()).region.kms.keys.ids()) {
        let _ = client.ask("kms", "ScheduleKeyDeletion", json!({ "KeyId": id, "PendingWindowInDays": 7 }));
    }
}

/// What an account keeps whatever happened: the region's DHCP options and the roles that services made.
pub(super) fn nothing_is_left(world: &World) {
    let eyes = eyes(world);
    // A change of Route 53 is no resource: it ends when somebody looks, and nobody has to.
    let under_way: Vec<_> = world.pending.values().filter(|pending| pending.service != "route53").collect();
    assert!(under_way.is_empty(), "{under_way:?}");
    let mut left: Vec<Value> = Vec::new();
    for service in services::SERVICES {
        for item in (service.inventory)(world, super::ACCOUNT, "eu-west-1").into_iter().chain((service
            .inventory)(
            world,
            super::ACCOUNT,
            "us-east-1",
        )) {
            let stays = item.kind == "ec2:dhcp-options"
                || item.id.contains("AWSServiceRole")
                || (item.kind == "kms:key" && item.detail.to_string().contains("last"));
            if !stays {
                left.push(json!(item));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
    let region = eyes.region;
    assert!(region.elbv2.tags.is_empty() && region.elbv2.leaving.is_empty() && region.elb.leaving.is_empty());
    assert!(region.ec2.tags.is_empty(), "{:?}", region.ec2.tags);
    assert!(region.logs.streams.is_empty() && region.ecr.uploads.is_empty() && region.eks.updates.is_empty());
}
