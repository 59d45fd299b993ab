//! What KMS promises, over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use p256::pkcs8::DecodePublicKey as _;
use serde_json::{Value, json};

use crate::testing::Client;

fn key(client: &mut Client, input: Value) -> String {
    client.ok("kms", "CreateKey", input)["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

fn state(client: &mut Client, id: &str) -> Value {
    client.ok("kms", "DescribeKey", json!({ "KeyId": id }))["KeyMetadata"]["KeyState"].clone()
}

#[test]
fn a_key_is_found_by_every_name_it_has() {
    let mut client = Client::new();
    let id = key(&mut client, json!({ "Description": "d", "Tags": [{ "TagKey": "k", "TagValue": "v" }] }));
    client.ok("kms", "CreateAlias", json!({ "AliasName": "alias/dev", "TargetKeyId": id }));
    let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{id}");
    let alias_arn = "arn:aws:kms:eu-west-1:123456789012:alias/dev";
    for name in [id.as_str(), &arn, "alias/dev", alias_arn] {
        let found = client.ok("kms", "DescribeKey", json!({ "KeyId": name }));
        assert_eq!(found["KeyMetadata"]["Arn"], arn, "{name}");
    }
    let again = json!({ "AliasName": "alias/dev", "TargetKeyId": id });
    assert_eq!(client.code("kms", "CreateAlias", again), "AlreadyExistsException");
    let reserved = json!({ "AliasName": "alias/aws/dev", "TargetKeyId": id });
    assert_eq!(client.code("kms", "CreateAlias", reserved), "InvalidAliasNameException");
    assert_eq!(client.code("kms", "DescribeKey", json!({ "KeyId": "alias/nope" })), "NotFoundException");
    assert_eq!(client.code("kms", "GetKeyPolicy", json!({ "KeyId": "alias/dev" })), "InvalidArnException");
    let managed = client.ok("kms", "DescribeKey", json!({ "KeyId": "alias/aws/ebs" }));
    assert_eq!(managed["KeyMetadata"]["KeyManager"], "AWS");
    let listed = client.ok("kms", "ListAliases", json!({ "KeyId": id }));
    assert_eq!(listed["Aliases"].as_array().unwrap().len(), 1);
    assert_eq!(client.ok("kms", "ListKeys", json!({ "Limit": 1 }))["Truncated"], true);
    client.region = "eu-west-2".to_owned();
    assert_eq!(client.code("kms", "DescribeKey", json!({ "KeyId": id })), "NotFoundException");
}

#[test]
fn deletion_waits_for_its_date_and_can_be_called_off() {
    let mut client = Client::new();
    let id = key(&mut client, json!({}));
    let of = json!({ "KeyId": id });
    let soon = json!({ "KeyId": id, "PendingWindowInDays": 6 });
    assert_eq!(client.code("kms", "ScheduleKeyDeletion", soon), "ValidationException");
    assert_eq!(client.code("kms", "CancelKeyDeletion", of.clone()), "KMSInvalidStateException");
    client.ok("kms", "ScheduleKeyDeletion", json!({ "KeyId": id, "PendingWindowInDays": 7 }));
    assert_eq!(state(&mut client, &id), "PendingDeletion");
    for operation in ["EnableKey", "ScheduleKeyDeletion", "EnableKeyRotation"] {
        assert_eq!(client.code("kms", operation, of.clone()), "KMSInvalidStateException", "{operation}");
    }
    client.ok("kms", "CancelKeyDeletion", of.clone());
    assert_eq!(state(&mut client, &id), "Disabled");
    assert_eq!(client.code("kms", "EnableKeyRotation", of.clone()), "DisabledException");
    client.ok("kms", "EnableKey", of.clone());
    client.ok("kms", "ScheduleKeyDeletion", json!({ "KeyId": id, "PendingWindowInDays": 7 }));
    client.pass(7 * 86_400 + 1);
    assert_eq!(client.code("kms", "DescribeKey", of), "NotFoundException");
    assert_eq!(client.ok("kms", "ListKeys", json!({}))["Keys"], json!([]));
}

#[test]
fn rotation_has_a_period_and_a_next_date() {
    let mut client = Client::new();
    let id = key(&mut client, json!({}));
    let of = json!({ "KeyId": id });
    assert_eq!(client.ok("kms", "GetKeyRotationStatus", of.clone())["KeyRotationEnabled"], false);
    client.ok("kms", "EnableKeyRotation", json!({ "KeyId": id, "RotationPeriodInDays": 90 }));
    let status = client.ok("kms", "GetKeyRotationStatus", of.clone());
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(90)));
    client.pass(91 * 86_400);
    client.ok("kms", "RotateKeyOnDemand", of.clone());
    let rotations = client.ok("kms", "ListKeyRotations", of.clone())["Rotations"].clone();
    let kinds: Vec<&Value> = rotations.as_array().unwrap().iter().map(|row| &row["RotationType"]).collect();
    assert_eq!(kinds, ["AUTOMATIC", "ON_DEMAND"]);
    client.ok("kms", "DisableKeyRotation", of.clone());
    assert_eq!(client.ok("kms", "GetKeyRotationStatus", of)["KeyRotationEnabled"], false);
    let signing = key(&mut client, json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }));
    assert_eq!(
        client.code("kms", "EnableKeyRotation", json!({ "KeyId": signing })),
        "UnsupportedOperationException"
    );
}

#[test]
fn what_was_encrypted_is_decrypted_only_in_its_context() {
    let mut client = Client::new();
    let id = key(&mut client, json!({}));
    let sealed = client.ok(
        "kms",
        "Encrypt",
        json!({ "KeyId": id, "Plaintext": STANDARD.encode("secret"), "EncryptionContext": { "a": "1", "b": "2" } }),
    );
    let blob = sealed["CiphertextBlob"].clone();
    let open = |context: Value| json!({ "CiphertextBlob": blob, "EncryptionContext": context });
    let plain = client.ok("kms", "Decrypt", open(json!({ "b": "2", "a": "1" })))["Plaintext"].clone();
    assert_eq!(plain, STANDARD.encode("secret"));
    assert_eq!(client.code("kms", "Decrypt", open(json!({ "a": "1" }))), "InvalidCiphertextException");
    let other = key(&mut client, json!({}));
    let wrong = json!({ "CiphertextBlob": blob, "KeyId": other });
    assert_eq!(client.code("kms", "Decrypt", wrong), "IncorrectKeyException");
    let data = client.ok("kms", "GenerateDataKey", json!({ "KeyId": id, "KeySpec": "AES_256" }));
    let opened = client.ok("kms", "Decrypt", json!({ "CiphertextBlob": data["CiphertextBlob"] }));
    assert_eq!(opened["Plaintext"], data["Plaintext"]);
    client.ok("kms", "DisableKey", json!({ "KeyId": id }));
    assert_eq!(client.code("kms", "Decrypt", open(json!({ "a": "1", "b": "2" }))), "DisabledException");
    assert_eq!(
        client.code("kms", "CreateKey", json!({ "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY" })),
        "NotImplemented"
    );
}

#[test]
fn signatures_verify_with_the_public_key_outside() {
    let mut client = Client::new();
    let id = key(&mut client, json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }));
    let message = STANDARD.encode("image digest");
    let input = json!({ "KeyId": id, "Message": message, "SigningAlgorithm": "ECDSA_SHA_256" });
    let signature = client.ok("kms", "Sign", input.clone())["Signature"].clone();
    let public = client.ok("kms", "GetPublicKey", json!({ "KeyId": id }))["PublicKey"].clone();
    let der = STANDARD.decode(public.as_str().unwrap()).unwrap();
    let outside = p256::ecdsa::VerifyingKey::from_public_key_der(&der).unwrap();
    let bytes = STANDARD.decode(signature.as_str().unwrap()).unwrap();
    let parsed = p256::ecdsa::Signature::from_der(&bytes).unwrap();
    outside.verify(b"image digest", &parsed).unwrap();
    let mut check = input.clone();
    check["Signature"] = signature;
    assert_eq!(client.ok("kms", "Verify", check.clone())["SignatureValid"], true);
    check["Message"] = STANDARD.encode("another").into();
    assert_eq!(client.code("kms", "Verify", check), "KMSInvalidSignatureException");
    let encrypt = json!({ "KeyId": id, "Plaintext": message });
    assert_eq!(client.code("kms", "Encrypt", encrypt), "InvalidKeyUsageException");
}

#[test]
fn a_policy_may_not_lock_everybody_out() {
    let mut client = Client::new();
    let id = key(&mut client, json!({}));
    let shown =
        client.ok("kms", "GetKeyPolicy", json!({ "KeyId": id }))["Policy"].as_str().unwrap().to_owned();
    assert!(shown.contains("Enable IAM User Permissions"));
    let policy = |principal: &str, action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": principal },
            "Action": action, "Resource": "*" }]})
        .to_string()
    };
    let root = "arn:aws:iam::123456789012:root";
    let put = |text: String| json!({ "KeyId": id, "PolicyName": "default", "Policy": text });
    client.ok("kms", "PutKeyPolicy", put(policy(root, "kms:*")));
    let malformed = "MalformedPolicyDocumentException";
    assert_eq!(client.code("kms", "PutKeyPolicy", put(policy(root, "kms:Decrypt"))), malformed);
    assert_eq!(client.code("kms", "PutKeyPolicy", put("{".into())), malformed);
    let nobody = policy("arn:aws:iam::123456789012:role/nobody", "kms:*");
    assert_eq!(client.code("kms", "PutKeyPolicy", put(nobody)), malformed);
}

#[test]
fn tags_and_grants_are_kept() {
    let mut client = Client::new();
    let id = key(&mut client, json!({ "Tags": [{ "TagKey": "k", "TagValue": "v" }] }));
    client.ok("kms", "TagResource", json!({ "KeyId": id, "Tags": [{ "TagKey": "l", "TagValue": "w" }] }));
    client.ok("kms", "UntagResource", json!({ "KeyId": id, "TagKeys": ["k"] }));
    let tags = client.ok("kms", "ListResourceTags", json!({ "KeyId": id }))["Tags"].clone();
    assert_eq!(tags, json!([{ "TagKey": "l", "TagValue": "w" }]));
    let reserved = json!({ "KeyId": id, "Tags": [{ "TagKey": "aws:x", "TagValue": "" }] });
    assert_eq!(client.code("kms", "TagResource", reserved), "TagException");
    let grant = json!({ "KeyId": id, "GranteePrincipal": "arn:aws:iam::123456789012:role/eks", "Name": "n",
        "Operations": ["DescribeKey", "CreateGrant"] });
    let made = client.ok("kms", "CreateGrant", grant.clone());
    assert_eq!(
        client.ok("kms", "CreateGrant", grant)["GrantId"],
        made["GrantId"],
        "a named grant is made once"
    );
    assert_eq!(client.ok("kms", "ListGrants", json!({ "KeyId": id }))["Grants"].as_array().unwrap().len(), 1);
    client.ok("kms", "RetireGrant", json!({ "GrantToken": made["GrantToken"] }));
    assert_eq!(client.ok("kms", "ListGrants", json!({ "KeyId": id }))["Grants"], json!([]));
}

#[test]
fn a_dry_run_checks_everything_and_does_nothing() {
    let mut client = Client::new();
    let made = client.ok("kms", "CreateKey", json!({}));
    let key = made["KeyMetadata"]["KeyId"].clone();
    let grant = json!({ "KeyId": key, "GranteePrincipal": "arn:aws:iam::123456789012:root",
        "Operations": ["Decrypt"], "DryRun": true });
    let refused = client.ask("kms", "CreateGrant", grant).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("DryRunOperationException", 400));
    assert_eq!(client.ok("kms", "ListGrants", json!({ "KeyId": key }))["Grants"], json!([]));
    client.ok("kms", "DisableKey", json!({ "KeyId": key }));
    let encrypt = json!({ "KeyId": key, "Plaintext": "eA==", "DryRun": true });
    assert_eq!(client.code("kms", "Encrypt", encrypt), "DisabledException");
}
