//! Buckets: their life.

use serde_json::{Value, json};

use super::state::{Bucket, State};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Table, Tags};

/// The refusal of a bucket that does not exist.
fn missing(name: &str) -> Failure {
    Failure::new("NoSuchBucket", "The specified bucket does not exist").status(404).with("BucketName", name)
}

/// The bucket that a request names.
///
/// # Errors
/// `NoSuchBucket`; `AccessDenied` for one of another account.
pub(super) fn find<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Bucket, Failure> {
    let name = input.str("Bucket");
    let account = call.account.clone();
    if input.knows("ExpectedBucketOwner")
        && input.text("ExpectedBucketOwner").is_some_and(|owner| owner != account)
    {
        return Err(Failure::new("AccessDenied", "Access Denied").status(403));
    }
    if let Some(bucket) = call.account_state().s3.buckets.get(name) {
        return Ok(bucket);
    }
    let elsewhere = call.world().accounts.values().any(|other| other.s3.buckets.contains(name));
    Err(if elsewhere { Failure::new("AccessDenied", "Access Denied").status(403) } else { missing(name) })
}

/// As [`find`], to change it.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, input: &Input) -> Result<&'c mut Bucket, Failure> {
    find(call, input)?;
    let name = input.str("Bucket");
    let state: &mut State = &mut call.account_state_mut().s3;
    state.buckets.get_mut(name).ok_or_else(|| missing(name))
}

/// The encryption that every bucket has since January 2023.
pub(super) fn default_encryption() -> Value {
    json!({ "Rules": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" }, "BucketKeyEnabled": false,
    }] })
}

fn check_name(name: &str) -> Result<(), Failure> {
    let letters = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let good =
        (3..=63).contains(&name.len()) && letters && ends(name.chars().next()) && ends(name.chars().last());
    if good && !name.contains("..") && name.parse::<std::net::Ipv4Addr>().is_err() {
        return Ok(());
    }
    Err(Failure::new("InvalidBucketName", "The specified bucket is not valid.").with("BucketName", name))
}

/// Making one's own bucket again is no error in us-east-1, and nowhere else.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub(super) fn create_bucket(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("Bucket").to_owned();
    check_name(&name)?;
    input.only("ACL", "private")?;
    input.only("ObjectOwnership", "BucketOwnerEnforced")?;
    let configuration = input.get("CreateBucketConfiguration");
    let constraint = configuration.and_then(|configuration| configuration.text("LocationConstraint"));
    let region = call.region.clone();
    let fits = match constraint {
        None => region == "us-east-1",
        Some(constraint) => constraint == region && constraint != "us-east-1",
    };
    if !fits {
        let text = format!(
            "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
            constraint.unwrap_or("unspecified")
        );
        return Err(Failure::new("IllegalLocationConstraintException", text));
    }
    let answer = json!({ "Location": format!("/{name}"), "BucketArn": format!("arn:aws:s3:::{name}") });
    if call.account_state().s3.buckets.contains(&name) {
        if region == "us-east-1" {
            return Ok(answer.into());
        }
        let text = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Failure::new("BucketAlreadyOwnedByYou", text).status(409).with("BucketName", name));
    }
    if call.world().accounts.values().any(|other| other.s3.buckets.contains(&name)) {
        let text = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
        return Err(Failure::new("BucketAlreadyExists", text).status(409).with("BucketName", name));
    }
    let blocked = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    let bucket = Bucket {
        region,
        created: call.now,
        versioning: None,
        encryption: default_encryption(),
        public_access: Some(blocked),
        tags: Tags::new(),
        policy: None,
        lifecycle: None,
        objects: Table::default(),
        uploads: Table::default(),
    };
    call.account_state_mut().s3.buckets.insert(&name, bucket);
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
pub(super) fn head_bucket(call: &mut Call<'_>, input: &Input) -> Outcome {
    let bucket = find(call, input)?;
    let arn = format!("arn:aws:s3:::{}", input.str("Bucket"));
    Ok(json!({ "BucketRegion": bucket.region, "BucketArn": arn }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub(super) fn list_buckets(call: &mut Call<'_>, input: &Input) -> Outcome {
    let prefix = input.text("Prefix").unwrap_or_default().to_owned();
    let region = input.text("BucketRegion").map(str::to_owned);
    let most = input.integer("MaxBuckets").and_then(|most| usize::try_from(most).ok()).unwrap_or(10_000);
    let after = input.text("ContinuationToken").unwrap_or_default().to_owned();
    let buckets = call.account_state().s3.buckets.iter();
    let mut rest = buckets
        .filter(|(name, _)| name.starts_with(&prefix) && *name > after.as_str())
        .filter(|(_, bucket)| region.as_ref().is_none_or(|region| *region == bucket.region));
    let shown: Vec<Value> = rest
        .by_ref()
        .take(most)
        .map(|(name, bucket)| {
            json!({ "Name": name, "CreationDate": bucket.created.value(), "BucketRegion": bucket.region })
        })
        .collect();
    let next = rest.next().and_then(|_| shown.last().map(|bucket| bucket["Name"].clone()));
    Ok(json!({ "Buckets": shown, "Owner": { "ID": call.account }, "ContinuationToken": next }).into())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
pub(super) fn delete_bucket(call: &mut Call<'_>, input: &Input) -> Outcome {
    if !find(call, input)?.objects.is_empty() {
        let text = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
        return Err(Failure::new("BucketNotEmpty", text).status(409).with("BucketName", input.str("Bucket")));
    }
    call.account_state_mut().s3.buckets.remove(input.str("Bucket"));
    Ok(Answer::empty())
}
