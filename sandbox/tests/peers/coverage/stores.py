"""S3, Secrets Manager, Systems Manager, CloudWatch Logs."""
import json

from .common import ACCOUNT, REGION, client, refused

TAGS = [{"Key": "coverage", "Value": "1"}]


def s3():
    c = client("s3")
    where = {} if REGION == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    c.create_bucket(Bucket="cov-bucket", **where)
    c.head_bucket(Bucket="cov-bucket")
    c.list_buckets(MaxBuckets=5, Prefix="cov", BucketRegion=REGION)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::cov-bucket/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
    c.put_bucket_policy(Bucket="cov-bucket", Policy=json.dumps(policy))
    c.get_bucket_policy(Bucket="cov-bucket")
    c.delete_bucket_policy(Bucket="cov-bucket")
    c.put_bucket_lifecycle_configuration(Bucket="cov-bucket", LifecycleConfiguration={"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]})
    c.get_bucket_lifecycle_configuration(Bucket="cov-bucket")
    c.delete_bucket_lifecycle(Bucket="cov-bucket")
    c.put_bucket_encryption(Bucket="cov-bucket", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    c.delete_bucket_encryption(Bucket="cov-bucket")
    c.put_public_access_block(Bucket="cov-bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    c.get_public_access_block(Bucket="cov-bucket")
    c.delete_public_access_block(Bucket="cov-bucket")
    c.put_bucket_tagging(Bucket="cov-bucket", Tagging={"TagSet": TAGS})
    c.delete_bucket_tagging(Bucket="cov-bucket")
    c.put_object(Bucket="cov-bucket", Key="a/one", Body=b"x", ContentType="text/plain", Metadata={"m": "1"})
    c.head_object(Bucket="cov-bucket", Key="a/one")
    c.copy_object(Bucket="cov-bucket", Key="a/two", CopySource={"Bucket": "cov-bucket", "Key": "a/one"}, MetadataDirective="REPLACE", ContentType="text/plain", Metadata={"m": "2"})
    c.list_objects_v2(Bucket="cov-bucket", Prefix="a/", Delimiter="/", MaxKeys=1, StartAfter="a/0", FetchOwner=True)
    upload = c.create_multipart_upload(Bucket="cov-bucket", Key="big", ContentType="text/plain")["UploadId"]
    part = c.upload_part(Bucket="cov-bucket", Key="big", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    c.list_parts(Bucket="cov-bucket", Key="big", UploadId=upload, MaxParts=5)
    c.list_multipart_uploads(Bucket="cov-bucket", Prefix="b", MaxUploads=5)
    c.complete_multipart_upload(Bucket="cov-bucket", Key="big", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    upload = c.create_multipart_upload(Bucket="cov-bucket", Key="gone")["UploadId"]
    c.abort_multipart_upload(Bucket="cov-bucket", Key="gone", UploadId=upload)
    c.delete_objects(Bucket="cov-bucket", Delete={"Objects": [{"Key": key} for key in ("a/one", "a/two", "big")], "Quiet": False})
    c.delete_bucket(Bucket="cov-bucket")


def secretsmanager():
    c = client("secretsmanager")
    c.create_secret(Name="cov/secret", SecretString="one", Description="x", Tags=TAGS, ClientRequestToken="c" * 32)
    c.update_secret(SecretId="cov/secret", SecretString="two", Description="y", ClientRequestToken="d" * 32)
    versions = c.list_secret_version_ids(SecretId="cov/secret", IncludeDeprecated=True, MaxResults=5)["Versions"]
    assert len(versions) == 2, versions
    c.update_secret_version_stage(SecretId="cov/secret", VersionStage="AWSCURRENT", MoveToVersionId="c" * 32, RemoveFromVersionId="d" * 32)
    c.list_secrets(Filters=[{"Key": "name", "Values": ["cov/"]}], IncludePlannedDeletion=True, MaxResults=5)
    c.tag_resource(SecretId="cov/secret", Tags=[{"Key": "a", "Value": "b"}])
    c.untag_resource(SecretId="cov/secret", TagKeys=["a"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]})
    c.put_resource_policy(SecretId="cov/secret", ResourcePolicy=policy, BlockPublicPolicy=True)
    c.get_resource_policy(SecretId="cov/secret")
    c.delete_resource_policy(SecretId="cov/secret")
    c.get_random_password(PasswordLength=40, ExcludeCharacters="'", ExcludePunctuation=True, IncludeSpace=False, RequireEachIncludedType=True)
    c.delete_secret(SecretId="cov/secret", RecoveryWindowInDays=7)
    c.restore_secret(SecretId="cov/secret")
    c.delete_secret(SecretId="cov/secret", ForceDeleteWithoutRecovery=True)


def ssm():
    c = client("ssm")
    c.put_parameter(Name="/cov/one", Value="1", Type="SecureString", Description="x", Tags=TAGS)
    c.put_parameter(Name="/cov/one", Value="2", Type="SecureString", Overwrite=True)
    c.get_parameter_history(Name="/cov/one", WithDecryption=True, MaxResults=5)
    c.get_parameters(Names=["/cov/one", "/cov/none"], WithDecryption=True)
    c.get_parameters_by_path(Path="/cov", Recursive=True, WithDecryption=False, MaxResults=5)
    c.describe_parameters(ParameterFilters=[{"Key": "Name", "Option": "BeginsWith", "Values": ["/cov"]}], MaxResults=5)
    c.add_tags_to_resource(ResourceType="Parameter", ResourceId="/cov/one", Tags=[{"Key": "a", "Value": "b"}])
    c.list_tags_for_resource(ResourceType="Parameter", ResourceId="/cov/one")
    c.remove_tags_from_resource(ResourceType="Parameter", ResourceId="/cov/one", TagKeys=["a"])
    c.delete_parameters(Names=["/cov/one"])


def logs():
    c = client("logs")
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    c.create_log_group(logGroupName="/cov/group", tags={"coverage": "1"})
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/cov/group"
    c.associate_kms_key(logGroupName="/cov/group", kmsKeyId=key)
    c.disassociate_kms_key(logGroupName="/cov/group")
    c.put_retention_policy(logGroupName="/cov/group", retentionInDays=7)
    c.delete_retention_policy(logGroupName="/cov/group")
    c.create_log_stream(logGroupName="/cov/group", logStreamName="s")
    now = 1_000 * int(__import__("time").time())
    c.put_log_events(logGroupName="/cov/group", logStreamName="s", logEvents=[{"timestamp": now, "message": "hello"}])
    c.describe_log_streams(logGroupName="/cov/group", logStreamNamePrefix="s", orderBy="LogStreamName", descending=True, limit=5)
    c.get_log_events(logGroupName="/cov/group", logStreamName="s", startFromHead=True, limit=5, startTime=now - 1, endTime=now + 1)
    c.filter_log_events(logGroupName="/cov/group", logStreamNames=["s"], filterPattern="hello", startTime=now - 1, endTime=now + 1, limit=5)
    c.tag_log_group(logGroupName="/cov/group", tags={"a": "b"})
    c.list_tags_log_group(logGroupName="/cov/group")
    c.untag_log_group(logGroupName="/cov/group", tags=["a"])
    c.tag_resource(resourceArn=arn, tags={"a": "b"})
    c.list_tags_for_resource(resourceArn=arn)
    c.untag_resource(resourceArn=arn, tagKeys=["a"])
    c.delete_log_stream(logGroupName="/cov/group", logStreamName="s")
    c.delete_log_group(logGroupName="/cov/group")
