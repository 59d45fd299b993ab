"""EKS, Auto Scaling, ECR, Route 53, quotas, prices, tags."""
import hashlib
import json

from .common import ACCOUNT, REGION, client, network, refused


def eks():
    c, iam = client("eks"), client("iam")
    vpc, subnets = network("10.93")
    roles = {}
    for name, service, policies in (
        ("cov-cluster", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]),
        ("cov-node", "ec2.amazonaws.com", ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]),
        ("cov-pod", "pods.eks.amazonaws.com", []),
    ):
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]}
        roles[name] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        for policy in policies:
            iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    c.create_cluster(name="cov", roleArn=roles["cov-cluster"], resourcesVpcConfig={"subnetIds": subnets}, logging={"clusterLogging": [{"types": ["api"], "enabled": True}]}, accessConfig={"authenticationMode": "API"})
    for _ in range(2):
        c.describe_cluster(name="cov")
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    update = c.associate_encryption_config(clusterName="cov", encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}], clientRequestToken="cov-enc")["update"]["id"]
    for _ in range(2):
        c.describe_update(name="cov", updateId=update)
    c.create_nodegroup(clusterName="cov", nodegroupName="main", subnets=subnets, nodeRole=roles["cov-node"], scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 1})
    for _ in range(2):
        group = c.describe_nodegroup(clusterName="cov", nodegroupName="main")["nodegroup"]
    autoscaling(group["resources"]["autoScalingGroups"][0]["name"])
    taint = {"addOrUpdateTaints": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}]}
    update = c.update_nodegroup_config(clusterName="cov", nodegroupName="main", taints=taint, labels={"addOrUpdateLabels": {"a": "b"}})["update"]["id"]
    for _ in range(2):
        c.describe_update(name="cov", nodegroupName="main", updateId=update)
    versions = c.describe_addon_versions(addonName="vpc-cni")["addons"][0]["addonVersions"]
    c.describe_addon_configuration(addonName="vpc-cni", addonVersion=versions[0]["addonVersion"])
    insights = c.list_insights(clusterName="cov", filter={"categories": ["UPGRADE_READINESS"]}, maxResults=5)["insights"]
    c.describe_insight(clusterName="cov", id=insights[0]["id"])
    c.list_fargate_profiles(clusterName="cov", maxResults=5)
    c.list_identity_provider_configs(clusterName="cov", maxResults=5)
    association = c.create_pod_identity_association(clusterName="cov", namespace="default", serviceAccount="app", roleArn=roles["cov-pod"])["association"]["associationId"]
    c.update_pod_identity_association(clusterName="cov", associationId=association, roleArn=roles["cov-pod"], clientRequestToken="cov-pod")
    c.delete_pod_identity_association(clusterName="cov", associationId=association)
    c.delete_nodegroup(clusterName="cov", nodegroupName="main")
    c.describe_nodegroup(clusterName="cov", nodegroupName="main")
    refused(c.describe_nodegroup, clusterName="cov", nodegroupName="main")
    c.delete_cluster(name="cov")
    c.describe_cluster(name="cov")
    refused(c.describe_cluster, name="cov")


def autoscaling(name):
    c = client("autoscaling")
    c.describe_auto_scaling_groups(AutoScalingGroupNames=[name], MaxRecords=5)
    c.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=2, HonorCooldown=False)
    c.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=1, MaxSize=3, DesiredCapacity=1)
    c.describe_auto_scaling_instances(MaxRecords=5)
    tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": "a", "Value": "b", "PropagateAtLaunch": True}
    c.create_or_update_tags(Tags=[tag])
    c.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": [name]}], MaxRecords=5)
    c.delete_tags(Tags=[tag])
    c.describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=5)
    c.describe_launch_configurations(MaxRecords=5)


def ecr():
    c = client("ecr")
    c.create_repository(repositoryName="cov/app", imageTagMutability="MUTABLE", imageScanningConfiguration={"scanOnPush": False}, encryptionConfiguration={"encryptionType": "AES256"}, tags=[{"Key": "coverage", "Value": "1"}])
    arn = c.describe_repositories(repositoryNames=["cov/app"])["repositories"][0]["repositoryArn"]
    c.tag_resource(resourceArn=arn, tags=[{"Key": "a", "Value": "b"}])
    c.untag_resource(resourceArn=arn, tagKeys=["a"])
    blob = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{}}'
    upload = c.initiate_layer_upload(repositoryName="cov/app")["uploadId"]
    c.upload_layer_part(repositoryName="cov/app", uploadId=upload, partFirstByte=0, partLastByte=len(blob) - 1, layerPartBlob=blob)
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    c.complete_layer_upload(repositoryName="cov/app", uploadId=upload, layerDigests=[digest])
    c.get_download_url_for_layer(repositoryName="cov/app", layerDigest=digest)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(blob)}, "layers": []})
    c.put_image(repositoryName="cov/app", imageManifest=manifest, imageTag="one", imageManifestMediaType="application/vnd.oci.image.manifest.v1+json")
    c.list_images(repositoryName="cov/app", filter={"tagStatus": "TAGGED"}, maxResults=5)
    c.batch_get_repository_scanning_configuration(repositoryNames=["cov/app"])
    c.put_registry_scanning_configuration(scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "cov/*", "filterType": "WILDCARD"}]}])
    c.put_registry_scanning_configuration(scanType="BASIC", rules=[])
    c.get_registry_scanning_configuration()
    c.describe_registry()
    rules = {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}}]}
    c.put_lifecycle_policy(repositoryName="cov/app", lifecyclePolicyText=json.dumps(rules))
    c.delete_lifecycle_policy(repositoryName="cov/app")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "ecr:BatchGetImage"}]}
    c.set_repository_policy(repositoryName="cov/app", policyText=json.dumps(policy))
    c.delete_repository_policy(repositoryName="cov/app")
    c.batch_delete_image(repositoryName="cov/app", imageIds=[{"imageTag": "one"}])
    # The registry is the caller's own, named or not.
    own = {"registryId": ACCOUNT}
    c.describe_repositories(**own)
    c.delete_repository(repositoryName="cov/app", force=True, **own)


def route53():
    c = client("route53")
    zone = c.create_hosted_zone(Name="cov.example.com", CallerReference="cov", HostedZoneConfig={"Comment": "x"})["HostedZone"]["Id"]
    c.update_hosted_zone_comment(Id=zone, Comment="y")
    c.list_hosted_zones(MaxItems="5")
    c.get_hosted_zone_count()
    c.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.rpartition("/")[2], AddTags=[{"Key": "a", "Value": "b"}])
    c.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[zone.rpartition("/")[2]])
    c.delete_hosted_zone(Id=zone)


def lists():
    quotas = client("service-quotas")
    quotas.list_services(MaxResults=5)
    quotas.list_aws_default_service_quotas(ServiceCode="vpc", MaxResults=5)
    quotas.get_aws_default_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")
    quotas.list_service_quotas(ServiceCode="vpc", MaxResults=5)
    # The price list has few regions; every client asks this one.
    client("pricing").describe_services(ServiceCode="AmazonEC2", FormatVersion="aws_v1", MaxResults=5)
    tags = client("resourcegroupstaggingapi")
    tags.get_tag_keys()
    tags.get_tag_values(Key="coverage")
