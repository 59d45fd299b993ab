#!/usr/bin/env python
"""Short sequences of calls whose answers emulators should agree on.

usage: sequences.py ENDPOINT [REGION]      JSON lines: {"step": …, "answer": "ok" or the error code, or what was looked at}

Each answer is a plain value that does not depend on ids: an error code, a state, a number.
"""
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, REGION = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "us-east-1"
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=30)
SESSION = boto3.session.Session(aws_access_key_id="AKIASEQUENCE", aws_secret_access_key="x", region_name=REGION)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


def client(service):
    return SESSION.client(service, endpoint_url=ENDPOINT, config=CONFIG)


def say(step, call, look=None, **parameters):
    """Makes a call, prints what came of it, gives the answer (empty when refused)."""
    answer, said = {}, "ok"
    try:
        answer = call(**parameters)
        said = look(answer) if look else "ok"
    except ClientError as error:
        said = error.response["Error"]["Code"]
    except Exception as error:  # an answer that cannot be read is an answer too
        said = f"unreadable: {type(error).__name__}"
    print(json.dumps({"step": step, "answer": said}), flush=True)
    return answer


def ec2():
    c = client("ec2")
    vpc = say("vpc/create", c.create_vpc, lambda r: r["Vpc"]["CidrBlock"], CidrBlock="10.60.0.0/16").get("Vpc", {}).get("VpcId", "vpc-0")
    say("vpc/range-too-large", c.create_vpc, CidrBlock="10.0.0.0/8")
    say("vpc/describe-missing", c.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
    subnet = say("subnet/create", c.create_subnet, lambda r: r["Subnet"]["AvailableIpAddressCount"], VpcId=vpc, CidrBlock="10.60.1.0/24")["Subnet"]["SubnetId"]
    say("subnet/overlap", c.create_subnet, VpcId=vpc, CidrBlock="10.60.1.0/25")
    say("subnet/outside", c.create_subnet, VpcId=vpc, CidrBlock="10.61.1.0/24")
    say("subnet/too-small", c.create_subnet, VpcId=vpc, CidrBlock="10.60.9.0/29")
    gateway = c.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    say("gateway/attach", c.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    say("gateway/attach-again", c.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    say("gateway/delete-attached", c.delete_internet_gateway, InternetGatewayId=gateway)
    say("vpc/delete-in-use", c.delete_vpc, VpcId=vpc)
    table = c.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    say("route/create", c.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    say("route/create-again", c.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    say("route/delete-missing", c.delete_route, RouteTableId=table, DestinationCidrBlock="10.9.0.0/16")
    association = say("table/associate", c.associate_route_table, RouteTableId=table, SubnetId=subnet)["AssociationId"]
    say("table/delete-in-use", c.delete_route_table, RouteTableId=table)
    say("table/disassociate", c.disassociate_route_table, AssociationId=association)
    say("table/disassociate-again", c.disassociate_route_table, AssociationId=association)
    group = say("group/create", c.create_security_group, GroupName="one", Description="x", VpcId=vpc)["GroupId"]
    say("group/create-again", c.create_security_group, GroupName="one", Description="x", VpcId=vpc)
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    say("rule/authorize", c.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
    say("rule/authorize-again", c.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
    say("rule/revoke", c.revoke_security_group_ingress, GroupId=group, IpPermissions=[rule])
    say("rule/revoke-again", c.revoke_security_group_ingress, GroupId=group, IpPermissions=[rule])
    default = c.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"][0]["GroupId"]
    say("group/delete-default", c.delete_security_group, GroupId=default)
    address = c.allocate_address(Domain="vpc")["AllocationId"]
    interface = say("interface/create", c.create_network_interface, lambda r: r["NetworkInterface"]["Status"], SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    say("group/delete-in-use", c.delete_security_group, GroupId=group)
    say("subnet/delete-in-use", c.delete_subnet, SubnetId=subnet)
    say("address/associate", c.associate_address, AllocationId=address, NetworkInterfaceId=interface)
    say("address/release-in-use", c.release_address, AllocationId=address)
    association = c.describe_addresses(AllocationIds=[address])["Addresses"][0].get("AssociationId", "eipassoc-0")
    say("address/disassociate", c.disassociate_address, AssociationId=association)
    say("address/release", c.release_address, AllocationId=address)
    say("address/release-again", c.release_address, AllocationId=address)
    say("interface/delete", c.delete_network_interface, NetworkInterfaceId=interface)


def ec2_more():
    c = client("ec2")
    template = {"LaunchTemplateName": "one", "LaunchTemplateData": {"InstanceType": "t3.micro"}}
    say("template/create", c.create_launch_template, lambda r: r["LaunchTemplate"]["LatestVersionNumber"], **template)
    say("template/create-again", c.create_launch_template, **template)
    say("filter/unknown", c.describe_vpcs, Filters=[{"Name": "no-such-filter", "Values": ["x"]}])
    say("dry-run", c.create_vpc, CidrBlock="10.62.0.0/16", DryRun=True)


def iam():
    c = client("iam")
    say("role/create", c.create_role, lambda r: r["Role"]["Path"], RoleName="one", AssumeRolePolicyDocument=TRUST)
    say("role/create-again", c.create_role, RoleName="one", AssumeRolePolicyDocument=TRUST)
    say("role/malformed", c.create_role, RoleName="two", AssumeRolePolicyDocument="{")
    policy = say("policy/create", c.create_policy, lambda r: r["Policy"]["DefaultVersionId"], PolicyName="one", PolicyDocument=ALLOW)["Policy"]["Arn"]
    say("policy/create-again", c.create_policy, PolicyName="one", PolicyDocument=ALLOW)
    say("policy/attach", c.attach_role_policy, RoleName="one", PolicyArn=policy)
    say("policy/attach-again", c.attach_role_policy, RoleName="one", PolicyArn=policy)
    say("role/delete-attached", c.delete_role, RoleName="one")
    say("policy/detach", c.detach_role_policy, RoleName="one", PolicyArn=policy)
    say("policy/detach-again", c.detach_role_policy, RoleName="one", PolicyArn=policy)
    say("role/delete", c.delete_role, RoleName="one")
    say("role/delete-again", c.delete_role, RoleName="one")


def iam_more():
    c = client("iam")
    policy = c.create_policy(PolicyName="two", PolicyDocument=ALLOW)["Policy"]["Arn"]
    for number in range(4):
        c.create_policy_version(PolicyArn=policy, PolicyDocument=ALLOW)
    say("policy/sixth-version", c.create_policy_version, PolicyArn=policy, PolicyDocument=ALLOW)
    say("policy/delete-default-version", c.delete_policy_version, PolicyArn=policy, VersionId="v1")
    c.create_instance_profile(InstanceProfileName="one")
    c.create_role(RoleName="three", AssumeRolePolicyDocument=TRUST)
    say("profile/add", c.add_role_to_instance_profile, InstanceProfileName="one", RoleName="three")
    say("profile/add-second", c.add_role_to_instance_profile, InstanceProfileName="one", RoleName="three")
    say("profile/delete-in-use", c.delete_instance_profile, InstanceProfileName="one")
    c.attach_role_policy(RoleName="three", PolicyArn=policy)
    say("policy/delete-attached", c.delete_policy, PolicyArn=policy)


def kms():
    c = client("kms")
    key = say("key/create", c.create_key, lambda r: r["KeyMetadata"]["KeyState"])["KeyMetadata"]["KeyId"]
    say("alias/create", c.create_alias, AliasName="alias/one", TargetKeyId=key)
    say("alias/create-again", c.create_alias, AliasName="alias/one", TargetKeyId=key)
    say("alias/reserved", c.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)
    say("key/rotation", c.get_key_rotation_status, lambda r: r["KeyRotationEnabled"], KeyId=key)
    say("key/disable", c.disable_key, KeyId=key)
    say("key/encrypt-disabled", c.encrypt, KeyId=key, Plaintext=b"x")
    say("key/delete", c.schedule_key_deletion, lambda r: r.get("KeyState", "PendingDeletion"), KeyId=key, PendingWindowInDays=7)
    say("key/enable-deleted", c.enable_key, KeyId=key)
    say("key/missing", c.describe_key, KeyId="12345678-1234-1234-1234-123456789012")


def stores():
    c = client("logs")
    say("log-group/create", c.create_log_group, logGroupName="/one")
    say("log-group/create-again", c.create_log_group, logGroupName="/one")
    say("log-group/delete", c.delete_log_group, logGroupName="/one")
    say("log-group/delete-again", c.delete_log_group, logGroupName="/one")
    c = client("secretsmanager")
    say("secret/create", c.create_secret, Name="one", SecretString="x")
    say("secret/create-again", c.create_secret, Name="one", SecretString="x")
    say("secret/delete", c.delete_secret, SecretId="one")
    say("secret/get-deleted", c.get_secret_value, SecretId="one")
    say("secret/create-deleted", c.create_secret, Name="one", SecretString="x")
    say("secret/restore", c.restore_secret, SecretId="one")
    say("secret/get", c.get_secret_value, lambda r: r["SecretString"], SecretId="one")
    say("secret/missing", c.get_secret_value, SecretId="none")
    c = client("ssm")
    say("parameter/create", c.put_parameter, lambda r: r["Version"], Name="/one", Value="1", Type="String")
    say("parameter/create-again", c.put_parameter, Name="/one", Value="1", Type="String")
    say("parameter/missing", c.get_parameter, Name="/none")
    c = client("s3")
    say("bucket/create", c.create_bucket, Bucket="sequence-one")
    say("bucket/missing", c.get_object, Bucket="sequence-none", Key="k")
    say("object/missing", c.get_object, Bucket="sequence-one", Key="k")
    say("object/put", c.put_object, Bucket="sequence-one", Key="k", Body=b"x", IfNoneMatch="*")
    say("object/put-again", c.put_object, Bucket="sequence-one", Key="k", Body=b"x", IfNoneMatch="*")
    say("bucket/delete-full", c.delete_bucket, Bucket="sequence-one")
    c = client("ecr")
    say("repository/create", c.create_repository, lambda r: r["repository"]["imageTagMutability"], repositoryName="one")
    say("repository/create-again", c.create_repository, repositoryName="one")
    say("image/missing", c.describe_images, repositoryName="one", imageIds=[{"imageTag": "none"}])
    say("repository/missing", c.describe_repositories, repositoryNames=["none"])
    say("repository/policy-missing", c.get_repository_policy, repositoryName="one")
    say("repository/lifecycle-missing", c.get_lifecycle_policy, repositoryName="one")


def names():
    c = client("route53")
    zone = say("zone/create", c.create_hosted_zone, lambda r: r["HostedZone"]["ResourceRecordSetCount"], Name="one.example.com", CallerReference="one")["HostedZone"]["Id"]
    say("zone/create-again", c.create_hosted_zone, Name="one.example.com", CallerReference="one")
    record = {"Name": "a.one.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = lambda action: {"HostedZoneId": zone, "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}}
    say("record/create", c.change_resource_record_sets, **change("CREATE"))
    say("record/create-again", c.change_resource_record_sets, **change("CREATE"))
    say("zone/delete-full", c.delete_hosted_zone, Id=zone)
    say("record/delete", c.change_resource_record_sets, **change("DELETE"))
    say("record/delete-again", c.change_resource_record_sets, **change("DELETE"))
    say("zone/delete", c.delete_hosted_zone, Id=zone)
    say("zone/missing", c.get_hosted_zone, Id="ZNONE123456789")


def balancers():
    c, n = client("elbv2"), client("ec2")
    vpc = n.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    subnets = [n.create_subnet(VpcId=vpc, CidrBlock=f"10.70.{i}.0/24", AvailabilityZone=REGION + "ab"[i])["Subnet"]["SubnetId"] for i in range(2)]
    balancer = say("balancer/create", c.create_load_balancer, lambda r: r["LoadBalancers"][0]["State"]["Code"], Name="one", Type="network", Scheme="internal", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    target = say("target-group/create", c.create_target_group, lambda r: r["TargetGroups"][0]["HealthCheckProtocol"], Name="one", Protocol="TCP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    listener = {"LoadBalancerArn": balancer, "Protocol": "TCP", "Port": 80, "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}]}
    say("listener/create", c.create_listener, **listener)
    say("listener/create-again", c.create_listener, **listener)
    say("target-group/delete-in-use", c.delete_target_group, TargetGroupArn=target)
    say("balancer/missing", c.describe_load_balancers, Names=["none"])
    say("balancer/delete", c.delete_load_balancer, LoadBalancerArn=balancer)
    say("target-group/delete", c.delete_target_group, TargetGroupArn=target)


def clusters():
    c = client("eks")
    say("cluster/missing", c.describe_cluster, name="none")
    say("cluster/delete-missing", c.delete_cluster, name="none")
    say("nodegroup/missing-cluster", c.list_nodegroups, clusterName="none")


def main():
    for sequence in (ec2, ec2_more, iam, iam_more, kms, stores, names, balancers, clusters):
        try:
            sequence()
        except Exception as error:  # the rest of a sequence that an emulator cannot do is not judged
            print(json.dumps({"broken": sequence.__name__, "why": repr(error)[:200]}), flush=True)


main()
