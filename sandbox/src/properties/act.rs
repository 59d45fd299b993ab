//! The calls of a random sequence: a few names a kind, so that they meet each other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ACCOUNT, Ground, Step, text};
use crate::blobs::hex_digest;
use crate::testing::Client;
use crate::world::{Account, Region, World};

/// How many kinds of calls there are.
pub(super) const ACTIONS: usize = 72;

type Ask = (&'static str, &'static str, Value);

/// A trust policy for a service.
pub(super) fn trust(service: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole",
    }] })
    .to_string()
}

/// What there is to choose from.
pub(super) struct Eyes<'w> {
    pub(super) account: &'w Account,
    pub(super) region: &'w Region,
}

/// The account and the region that the sequences work in.
pub(super) fn eyes(world: &World) -> Eyes<'_> {
    let account = &world.accounts[ACCOUNT];
    Eyes { account, region: &account.regions["eu-west-1"] }
}

/// Makes a call, or a few that belong together. It may be refused, but never as our own mistake (5xx).
pub(super) fn act(client: &mut Client, ground: &Ground, step: &Step) {
    let name = |prefix: &str, place: usize| format!("{prefix}{}", step.picks[place] % 2);
    let controls =
        [("POST", "services"), ("DELETE", "services"), ("POST", "volumes"), ("POST", "interfaces")];
    match step.action {
        0..4 => {
            let (method, what) = controls[step.action];
            let mut body = json!({ "region": "eu-west-1", "cluster": name("c", 0) });
            if what != "interfaces" {
                body["name"] = name("s", 1).into();
            }
            if (method, what) == ("POST", "services") {
                body["load_balancer"] = ["network", "classic"][step.picks[2] % 2].into();
            }
            let status = client.try_control(method, &format!("/kubernetes/{what}"), &body);
            assert!(status == 200 || status == 409, "{method} {what} {body}: {status}");
        }
        4 => push(client, &name("r", 0), &name("t", 1)),
        5 => client.pass(60),
        _ => {
            let eyes = eyes(client.world());
            let chosen = match step.action {
                6..26 => cluster_calls(&eyes, ground, step),
                26..44 => traffic_calls(&eyes, ground, step),
                44..58 => identity_calls(&eyes, step),
                _ => store_calls(&eyes, ground, step),
            };
            ask(client, chosen);
        }
    }
}

fn ask(client: &mut Client, (service, operation, input): Ask) -> Value {
    match client.ask(service, operation, input.clone()) {
        Ok(answer) => answer,
        Err(refused) => {
            assert!(refused.status < 500, "{service}:{operation} {input}: {refused:?}");
            Value::Null
        }
    }
}

/// A number of a step among what exists, or something that does not.
fn pick<'a>(ids: impl Iterator<Item = &'a str>, which: usize) -> String {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() { "none".to_owned() } else { ids[which % ids.len()].to_owned() }
}

#[expect(clippy::too_many_lines, reason = "one entry a call")]
fn cluster_calls(eyes: &Eyes<'_>, ground: &Ground, step: &Step) -> Ask {
    let (cluster, second) = (format!("c{}", step.picks[0] % 2), step.picks[1]);
    let group = format!("n{}", second % 2);
    let addon = ["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent"][second % 4];
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let both = json!({ "clusterName": cluster, "nodegroupName": group });
    let mut identities =
        eyes.region.eks.pod_identities.ids().filter_map(|key| key.strip_prefix(&format!("{cluster}/")));
    let identity = identities.next().unwrap_or("a-none").to_owned();
    let principal = role(["cluster", "node", "r0"][second % 3]);
    let mut groups = eyes.region.autoscaling.groups.ids();
    match step.action {
        6 | 7 => (
            "eks",
            "CreateCluster",
            json!({ "name": cluster, "roleArn": role("cluster"),
            "resourcesVpcConfig": { "subnetIds": ground.subnets },
            "accessConfig": { "authenticationMode": "API_AND_CONFIG_MAP" },
            "logging": { "clusterLogging": [{ "types": ["api"], "enabled": second % 2 == 0 }] } }),
        ),
        8 | 9 => ("eks", "DescribeCluster", json!({ "name": cluster })),
        10 => ("eks", "DeleteCluster", json!({ "name": cluster })),
        11 => (
            "eks",
            "CreateNodegroup",
            json!({ "clusterName": cluster, "nodegroupName": group,
            "subnets": ground.subnets, "nodeRole": role("node"),
            "scalingConfig": { "minSize": 0, "maxSize": 3, "desiredSize": second % 3 } }),
        ),
        12 | 13 => ("eks", "DescribeNodegroup", both),
        14 => ("eks", "DeleteNodegroup", both),
        15 => (
            "eks",
            "UpdateNodegroupConfig",
            json!({ "clusterName": cluster, "nodegroupName": group,
            "scalingConfig": { "minSize": 0, "maxSize": 3, "desiredSize": step.picks[2] % 3 } }),
        ),
        16 => ("eks", "CreateAddon", json!({ "clusterName": cluster, "addonName": addon })),
        17 => ("eks", "DescribeAddon", json!({ "clusterName": cluster, "addonName": addon })),
        18 => ("eks", "DeleteAddon", json!({ "clusterName": cluster, "addonName": addon })),
        19 => ("eks", "CreateAccessEntry", json!({ "clusterName": cluster, "principalArn": principal })),
        20 => ("eks", "DeleteAccessEntry", json!({ "clusterName": cluster, "principalArn": principal })),
        21 => (
            "eks",
            "CreatePodIdentityAssociation",
            json!({ "clusterName": cluster, "namespace": "default",
            "serviceAccount": group, "roleArn": principal }),
        ),
        22 => (
            "eks",
            "DeletePodIdentityAssociation",
            json!({ "clusterName": cluster, "associationId": identity }),
        ),
        23 => (
            "autoscaling",
            "SetDesiredCapacity",
            json!({ "DesiredCapacity": second % 4,
            "AutoScalingGroupName": groups.next().unwrap_or("none") }),
        ),
        24 => (
            "eks",
            "UpdateClusterConfig",
            json!({ "name": cluster,
            "resourcesVpcConfig": { "endpointPrivateAccess": second % 2 == 0 } }),
        ),
        _ => ("eks", "ListUpdates", json!({ "name": cluster })),
    }
}

fn traffic_calls(eyes: &Eyes<'_>, ground: &Ground, step: &Step) -> Ask {
    let state = &eyes.region.elbv2;
    let (name, second, third) = (format!("b{}", step.picks[0] % 3), step.picks[1], step.picks[2]);
    let balancer = pick(state.balancers.ids(), second);
    let group = pick(state.target_groups.ids(), third);
    let listener = pick(state.listeners.ids(), second);
    let forward = json!([{ "Type": "forward", "TargetGroupArn": group }]);
    let target = json!([{ "Id": format!("10.0.0.{}", 20 + third % 3), "Port": 80 }]);
    let kind = ["network", "application"][third % 2];
    let protocol = |kind: &str| if kind == "network" { "TCP" } else { "HTTP" };
    let of_balancer = if balancer.contains("/net/") { "TCP" } else { "HTTP" };
    let ec2 = &eyes.region.ec2;
    match step.action {
        26 | 27 => {
            ("elbv2", "CreateLoadBalancer", json!({ "Name": name, "Type": kind, "Subnets": ground.subnets }))
        }
        28 => ("elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer })),
        29 | 30 => (
            "elbv2",
            "CreateTargetGroup",
            json!({ "Name": name, "Protocol": protocol(kind), "Port": 80,
            "VpcId": ground.vpc, "TargetType": "ip" }),
        ),
        31 => ("elbv2", "DeleteTargetGroup", json!({ "TargetGroupArn": group })),
        32 | 33 => (
            "elbv2",
            "CreateListener",
            json!({ "LoadBalancerArn": balancer, "Protocol": of_balancer,
            "Port": 80 + third % 2, "DefaultActions": forward }),
        ),
        34 => ("elbv2", "DeleteListener", json!({ "ListenerArn": listener })),
        35 => (
            "elbv2",
            "CreateRule",
            json!({ "ListenerArn": listener, "Priority": 1 + third % 3, "Actions": forward,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/a"] }] }),
        ),
        36 => ("elbv2", "RegisterTargets", json!({ "TargetGroupArn": group, "Targets": target })),
        37 => ("elbv2", "DeregisterTargets", json!({ "TargetGroupArn": group, "Targets": target })),
        38 => ("elbv2", "DescribeTargetHealth", json!({ "TargetGroupArn": group })),
        39 => (
            "elb",
            "CreateLoadBalancer",
            json!({ "LoadBalancerName": name, "Subnets": ground.subnets,
            "Listeners": [{ "Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80 }] }),
        ),
        40 => ("elb", "DeleteLoadBalancer", json!({ "LoadBalancerName": name })),
        41 => ("ec2", "DeleteSecurityGroup", json!({ "GroupId": pick(ec2.groups.ids(), second) })),
        42 => (
            "ec2",
            "DeleteNetworkInterface",
            json!({ "NetworkInterfaceId": pick(ec2.interfaces.ids(), second) }),
        ),
        _ => ("ec2", "DeleteVolume", json!({ "VolumeId": pick(ec2.volumes.ids(), second) })),
    }
}

fn identity_calls(eyes: &Eyes<'_>, step: &Step) -> Ask {
    let (role, second) = (format!("r{}", step.picks[0] % 2), step.picks[1]);
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/p{}", second % 2);
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
    ] });
    let profile = format!("i{}", second % 2);
    let pair = json!({ "InstanceProfileName": profile, "RoleName": role });
    let key = pick(eyes.region.kms.keys.ids(), second);
    let alias = format!("alias/a{}", step.picks[0] % 2);
    match step.action {
        44 => (
            "iam",
            "CreateRole",
            json!({ "RoleName": role, "AssumeRolePolicyDocument": trust("ec2.amazonaws.com") }),
        ),
        45 => ("iam", "DeleteRole", json!({ "RoleName": role })),
        46 => (
            "iam",
            "CreatePolicy",
            json!({ "PolicyName": format!("p{}", second % 2),
            "PolicyDocument": document.to_string() }),
        ),
        47 => ("iam", "DeletePolicy", json!({ "PolicyArn": policy })),
        48 => ("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": policy })),
        49 => ("iam", "DetachRolePolicy", json!({ "RoleName": role, "PolicyArn": policy })),
        50 => ("iam", "CreateInstanceProfile", json!({ "InstanceProfileName": profile })),
        51 => ("iam", "DeleteInstanceProfile", json!({ "InstanceProfileName": profile })),
        52 => ("iam", "AddRoleToInstanceProfile", pair),
        53 => ("iam", "RemoveRoleFromInstanceProfile", pair),
        54 => ("kms", "CreateKey", json!({})),
        55 => ("kms", "CreateAlias", json!({ "AliasName": alias, "TargetKeyId": key })),
        56 => ("kms", "DeleteAlias", json!({ "AliasName": alias })),
        _ => ("kms", "ScheduleKeyDeletion", json!({ "KeyId": key, "PendingWindowInDays": 7 })),
    }
}

fn store_calls(eyes: &Eyes<'_>, ground: &Ground, step: &Step) -> Ask {
    let (name, second) = (format!("x{}", step.picks[0] % 2), step.picks[1]);
    let zone = pick(eyes.account.route53.zones.ids(), second);
    let action = ["CREATE", "DELETE"][step.picks[2] % 2];
    let record = json!({ "Changes": [{ "Action": action, "ResourceRecordSet": {
        "Name": format!("{name}.backend.internal"), "Type": "A", "TTL": 60,
        "ResourceRecords": [{ "Value": "10.0.0.9" }] } }] });
    let bucket = format!("bucket-{name}");
    let repository = format!("r{}", step.picks[0] % 2);
    match step.action {
        58 => ("logs", "CreateLogGroup", json!({ "logGroupName": name })),
        59 => ("logs", "DeleteLogGroup", json!({ "logGroupName": name })),
        60 => (
            "logs",
            "CreateLogStream",
            json!({ "logGroupName": name, "logStreamName": format!("s{}", second % 2) }),
        ),
        61 => ("ecr", "CreateRepository", json!({ "repositoryName": repository })),
        62 => ("ecr", "DeleteRepository", json!({ "repositoryName": repository, "force": second % 2 == 0 })),
        63 => (
            "ecr",
            "BatchDeleteImage",
            json!({ "repositoryName": repository,
            "imageIds": [{ "imageTag": format!("t{}", second % 2) }] }),
        ),
        64 => ("secretsmanager", "CreateSecret", json!({ "Name": name, "SecretString": "s" })),
        65 => ("secretsmanager", "DeleteSecret", json!({ "SecretId": name, "RecoveryWindowInDays": 7 })),
        66 => (
            "ssm",
            "PutParameter",
            json!({ "Name": name, "Value": "v", "Type": "String", "Overwrite": true }),
        ),
        67 => (
            "route53",
            "CreateHostedZone",
            json!({ "Name": "backend.internal", "CallerReference": name,
            "VPC": { "VPCRegion": "eu-west-1", "VPCId": ground.vpc } }),
        ),
        68 => ("route53", "ChangeResourceRecordSets", json!({ "HostedZoneId": zone, "ChangeBatch": record })),
        69 => ("route53", "DeleteHostedZone", json!({ "Id": zone })),
        70 if second % 3 == 0 => (
            "s3",
            "CreateBucket",
            json!({ "Bucket": bucket,
            "CreateBucketConfiguration": { "LocationConstraint": "eu-west-1" } }),
        ),
        70 if second % 3 == 1 => {
            ("s3", "PutObject", json!({ "Bucket": bucket, "Key": "state", "Body": "x" }))
        }
        70 => ("s3", "DeleteObject", json!({ "Bucket": bucket, "Key": "state" })),
        _ if second % 2 == 0 => ("s3", "DeleteBucket", json!({ "Bucket": bucket })),
        _ => (
            "acm",
            "RequestCertificate",
            json!({ "DomainName": "a.example.com", "ValidationMethod": "DNS",
            "IdempotencyToken": name }),
        ),
    }
}

/// Pushes an image of one layer.
fn push(client: &mut Client, repository: &str, tag: &str) {
    let digests = ["{\"os\":\"linux\"}", "layer"].map(|blob| {
        let digest = format!("sha256:{}", hex_digest(blob.as_bytes()));
        let begun = ask(client, ("ecr", "InitiateLayerUpload", json!({ "repositoryName": repository })));
        let upload = text(&begun, "/uploadId");
        let upload =
            if upload.is_empty() { "00000000-0000-4000-8000-000000000000".to_owned() } else { upload };
        let part = json!({ "repositoryName": repository, "uploadId": upload, "partFirstByte": 0,
            "partLastByte": blob.len() - 1, "layerPartBlob": STANDARD.encode(blob) });
        ask(client, ("ecr", "UploadLayerPart", part));
        let whole = json!({ "repositoryName": repository, "uploadId": upload, "layerDigests": [digest] });
        ask(client, ("ecr", "CompleteLayerUpload", whole));
        json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": blob.len() })
    });
    let manifest = json!({ "schemaVersion": 2, "config": digests[0], "layers": [digests[1]] }).to_string();
    let image = json!({ "repositoryName": repository, "imageManifest": manifest, "imageTag": tag });
    ask(client, ("ecr", "PutImage", image));
}
