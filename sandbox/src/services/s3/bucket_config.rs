//! What is set on a bucket.

use serde_json::{Value, json};

use super::bucket::{default_encryption, find, find_mut};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle};

/// How S3 spells tags.
const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "InvalidTag", too_many: "BadRequest" };

/// Members that only protect the request on its way; the body is whole when it gets here.
fn in_transit(input: &Input) {
    for member in ["ContentMD5", "ChecksumAlgorithm"] {
        if input.knows(member) {
            input.has(member);
        }
    }
}

fn not_set(code: &str, text: &str, input: &Input) -> Failure {
    Failure::new(code, text).status(404).with("BucketName", input.str("Bucket"))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html>
pub(super) fn put_bucket_versioning(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    let configuration = input.get("VersioningConfiguration");
    let status = configuration.and_then(|configuration| configuration.text("Status")).map(str::to_owned);
    if let Some(configuration) = configuration {
        configuration.only("MFADelete", "Disabled")?;
    }
    find_mut(call, input)?.versioning = status;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>
pub(super) fn get_bucket_versioning(call: &mut Call<'_>, input: &Input) -> Outcome {
    Ok(json!({ "Status": find(call, input)?.versioning }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
pub(super) fn put_bucket_encryption(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    let mut configuration = input.tree("ServerSideEncryptionConfiguration").unwrap_or_default();
    for rule in configuration["Rules"].as_array_mut().into_iter().flatten() {
        if rule.get("BucketKeyEnabled").is_none() {
            rule["BucketKeyEnabled"] = false.into();
        }
    }
    find_mut(call, input)?.encryption = configuration;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
pub(super) fn get_bucket_encryption(call: &mut Call<'_>, input: &Input) -> Outcome {
    Ok(json!({ "ServerSideEncryptionConfiguration": find(call, input)?.encryption }).into())
}

/// The encryption goes back to the default.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html>
pub(super) fn delete_bucket_encryption(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input)?.encryption = default_encryption();
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html>
pub(super) fn put_public_access_block(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    let asked = input.get("PublicAccessBlockConfiguration");
    let switch = |name: &str| asked.and_then(|asked| asked.flag(name)).unwrap_or(false);
    let block = json!({
        "BlockPublicAcls": switch("BlockPublicAcls"), "IgnorePublicAcls": switch("IgnorePublicAcls"),
        "BlockPublicPolicy": switch("BlockPublicPolicy"), "RestrictPublicBuckets": switch("RestrictPublicBuckets"),
    });
    find_mut(call, input)?.public_access = Some(block);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>
pub(super) fn get_public_access_block(call: &mut Call<'_>, input: &Input) -> Outcome {
    let Some(block) = &find(call, input)?.public_access else {
        let text = "The public access block configuration was not found";
        return Err(not_set("NoSuchPublicAccessBlockConfiguration", text, input));
    };
    Ok(json!({ "PublicAccessBlockConfiguration": block }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html>
pub(super) fn delete_public_access_block(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input)?.public_access = None;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>
pub(super) fn put_bucket_tagging(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    let tags = STYLE.read(input.get("Tagging").map_or(&[][..], |tagging| tagging.list("TagSet")))?;
    find_mut(call, input)?.tags = tags;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html>
pub(super) fn get_bucket_tagging(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = &find(call, input)?.tags;
    if tags.is_empty() {
        return Err(not_set("NoSuchTagSet", "The TagSet does not exist", input));
    }
    Ok(json!({ "TagSet": STYLE.write(tags) }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html>
pub(super) fn delete_bucket_tagging(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input)?.tags.clear();
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
pub(super) fn put_bucket_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    input.only("ConfirmRemoveSelfBucketAccess", "false")?;
    let text = input.str("Policy").to_owned();
    let good = matches!(serde_json::from_str::<Value>(&text), Ok(Value::Object(policy)) if policy.contains_key("Statement"));
    if !good {
        return Err(Failure::new(
            "MalformedPolicy",
            "Policies must be valid JSON and the first byte must be '{'",
        ));
    }
    find_mut(call, input)?.policy = Some(text);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>
pub(super) fn get_bucket_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let Some(policy) = &find(call, input)?.policy else {
        return Err(not_set("NoSuchBucketPolicy", "The bucket policy does not exist", input));
    };
    Ok(json!({ "Policy": policy }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html>
pub(super) fn delete_bucket_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input)?.policy = None;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>
pub(super) fn put_bucket_lifecycle_configuration(call: &mut Call<'_>, input: &Input) -> Outcome {
    in_transit(input);
    let kept = "all_storage_classes_128K";
    input.only("TransitionDefaultMinimumObjectSize", kept)?;
    let rules = input.get("LifecycleConfiguration").and_then(|configuration| configuration.tree("Rules"));
    find_mut(call, input)?.lifecycle = rules;
    Ok(json!({ "TransitionDefaultMinimumObjectSize": kept }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html>
pub(super) fn get_bucket_lifecycle_configuration(call: &mut Call<'_>, input: &Input) -> Outcome {
    let Some(rules) = &find(call, input)?.lifecycle else {
        let text = "The lifecycle configuration does not exist";
        return Err(not_set("NoSuchLifecycleConfiguration", text, input));
    };
    Ok(json!({ "Rules": rules, "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K" }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html>
pub(super) fn delete_bucket_lifecycle(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input)?.lifecycle = None;
    Ok(Answer::empty())
}
