"""IAM and STS."""
import json

from .common import ACCOUNT, client, refused

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", "eks.amazonaws.com"], "AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
TAGS = [{"Key": "coverage", "Value": "1"}]


def sts():
    c = client("sts")
    c.get_caller_identity()
    c.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    c.get_session_token(DurationSeconds=3600)


def iam():
    c = client("iam")
    policy = c.create_policy(PolicyName="cov-policy", PolicyDocument=DOCUMENT, Path="/cov/", Description="x", Tags=TAGS)["Policy"]["Arn"]
    c.create_policy_version(PolicyArn=policy, PolicyDocument=DOCUMENT, SetAsDefault=False)
    c.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    c.list_policy_versions(PolicyArn=policy, MaxItems=5)
    c.delete_policy_version(PolicyArn=policy, VersionId="v1")
    c.tag_policy(PolicyArn=policy, Tags=[{"Key": "a", "Value": "b"}])
    c.list_policy_tags(PolicyArn=policy, MaxItems=5)
    c.untag_policy(PolicyArn=policy, TagKeys=["a"])
    c.list_policies(Scope="Local", OnlyAttached=False, PathPrefix="/cov/", MaxItems=5)
    c.create_role(RoleName="cov-role", AssumeRolePolicyDocument=TRUST, Path="/cov/", Description="x", MaxSessionDuration=7200, Tags=TAGS)
    c.update_role(RoleName="cov-role", Description="y", MaxSessionDuration=3600)
    c.update_role_description(RoleName="cov-role", Description="z")
    c.put_role_permissions_boundary(RoleName="cov-role", PermissionsBoundary=policy)
    c.delete_role_permissions_boundary(RoleName="cov-role")
    c.untag_role(RoleName="cov-role", TagKeys=["coverage"])
    c.put_role_policy(RoleName="cov-role", PolicyName="inline", PolicyDocument=DOCUMENT)
    c.list_role_policies(RoleName="cov-role", MaxItems=5)
    c.delete_role_policy(RoleName="cov-role", PolicyName="inline")
    c.attach_role_policy(RoleName="cov-role", PolicyArn=policy)
    c.list_attached_role_policies(RoleName="cov-role", PathPrefix="/cov/", MaxItems=5)
    c.list_entities_for_policy(PolicyArn=policy, EntityFilter="Role", PathPrefix="/cov/", MaxItems=5)
    c.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/cov/cov-role", ActionNames=["s3:GetObject"], ResourceArns=["*"], MaxItems=5)
    c.detach_role_policy(RoleName="cov-role", PolicyArn=policy)
    c.list_roles(PathPrefix="/cov/", MaxItems=5)
    c.create_instance_profile(InstanceProfileName="cov-profile", Path="/cov/", Tags=TAGS)
    c.add_role_to_instance_profile(InstanceProfileName="cov-profile", RoleName="cov-role")
    c.get_instance_profile(InstanceProfileName="cov-profile")
    c.list_instance_profiles(PathPrefix="/cov/", MaxItems=5)
    c.list_instance_profiles_for_role(RoleName="cov-role", MaxItems=5)
    c.tag_instance_profile(InstanceProfileName="cov-profile", Tags=[{"Key": "a", "Value": "b"}])
    c.list_instance_profile_tags(InstanceProfileName="cov-profile", MaxItems=5)
    c.untag_instance_profile(InstanceProfileName="cov-profile", TagKeys=["a"])
    c.remove_role_from_instance_profile(InstanceProfileName="cov-profile", RoleName="cov-role")
    c.delete_instance_profile(InstanceProfileName="cov-profile")
    c.delete_role(RoleName="cov-role")
    c.delete_policy(PolicyArn=policy)
    provider = c.create_open_id_connect_provider(Url="https://oidc.example.com/cov", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40], Tags=TAGS)["OpenIDConnectProviderArn"]
    c.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID="other")
    c.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID="other")
    c.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=provider, ThumbprintList=["b" * 40])
    c.untag_open_id_connect_provider(OpenIDConnectProviderArn=provider, TagKeys=["coverage"])
    c.list_open_id_connect_providers()
    c.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    linked = c.create_service_linked_role(AWSServiceName="spot.amazonaws.com", Description="x")["Role"]["RoleName"]
    task = c.delete_service_linked_role(RoleName=linked)["DeletionTaskId"]
    c.get_service_linked_role_deletion_status(DeletionTaskId=task)
    c.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"], MaxItems=10)
    c.list_account_aliases(MaxItems=5)
    c.get_account_summary()
    refused(c.get_user, UserName="nobody")
