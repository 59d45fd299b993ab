"""KMS."""
import json

from .common import ACCOUNT, client

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}]})
CONTEXT = {"purpose": "coverage"}


def kms():
    c = client("kms")
    key = c.create_key(Description="x", KeyUsage="ENCRYPT_DECRYPT", KeySpec="SYMMETRIC_DEFAULT", Origin="AWS_KMS", MultiRegion=False, Policy=POLICY, BypassPolicyLockoutSafetyCheck=False, Tags=[{"TagKey": "coverage", "TagValue": "1"}])["KeyMetadata"]["KeyId"]
    c.create_alias(AliasName="alias/cov", TargetKeyId=key)
    other = c.create_key()["KeyMetadata"]["KeyId"]
    c.update_alias(AliasName="alias/cov", TargetKeyId=other)
    c.list_aliases(KeyId=other, Limit=5)
    c.delete_alias(AliasName="alias/cov")
    c.list_keys(Limit=5)
    c.update_key_description(KeyId=key, Description="y")
    c.disable_key(KeyId=key)
    c.enable_key(KeyId=key)
    c.get_key_policy(KeyId=key, PolicyName="default")
    c.put_key_policy(KeyId=key, PolicyName="default", Policy=POLICY, BypassPolicyLockoutSafetyCheck=True)
    c.list_key_policies(KeyId=key, Limit=5)
    c.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    c.untag_resource(KeyId=key, TagKeys=["a"])
    c.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    c.rotate_key_on_demand(KeyId=key)
    c.list_key_rotations(KeyId=key, Limit=5)
    c.disable_key_rotation(KeyId=key)
    sealed = c.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT, EncryptionAlgorithm="SYMMETRIC_DEFAULT")["CiphertextBlob"]
    c.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=CONTEXT, EncryptionAlgorithm="SYMMETRIC_DEFAULT")
    c.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    c.generate_data_key(KeyId=key, NumberOfBytes=64)
    c.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    c.generate_random(NumberOfBytes=16)
    principal = f"arn:aws:iam::{ACCOUNT}:root"
    grant = c.create_grant(KeyId=key, GranteePrincipal=principal, RetiringPrincipal=principal, Operations=["Decrypt"], Constraints={"EncryptionContextSubset": CONTEXT}, Name="cov")
    c.list_grants(KeyId=key, GrantId=grant["GrantId"], Limit=5)
    c.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    token = c.create_grant(KeyId=key, GranteePrincipal=principal, RetiringPrincipal=principal, Operations=["Decrypt"])["GrantToken"]
    c.retire_grant(GrantToken=token)
    again = c.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["Encrypt"])["GrantId"]
    arn = c.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    c.retire_grant(KeyId=arn, GrantId=again)
    pair = c.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    c.get_public_key(KeyId=pair)
    signature = c.sign(KeyId=pair, Message=b"x", MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    c.verify(KeyId=pair, Message=b"x", MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256", Signature=signature)
    c.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    c.cancel_key_deletion(KeyId=key)
