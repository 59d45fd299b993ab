//! Enforcement: whether the caller's policies allow a call.
//!
//! Callers with a role are judged (its inline and attached policies, and its boundary); the default user and the
//! root of an account may do everything. Resource policies take no part but for trust policies, which STS judges.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evaluate::{Asked, Verdict, verdict};
use super::{Role, managed_policy};
use crate::services::ec2::Kind;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::wire::model::{Model, Protocol};
use crate::world::{Account, Call};

/// Refuses a call that the caller's role is not allowed.
///
/// # Errors
/// The service's own error for it.
pub(crate) fn authorize(call: &Call<'_>, model: &Model, input: &Input) -> Result<(), Failure> {
    let caller = call.caller();
    // "No permissions are required to perform this operation", and no policy can deny it (STS API Reference).
    if call.service == "sts" && call.operation == "GetCallerIdentity" {
        return Ok(());
    }
    let Some((_, session)) = caller.arn.split_once(":assumed-role/") else { return Ok(()) };
    let name = session.split('/').next().unwrap_or_default();
    let Some(role) = call.account_state().iam.roles.get(name) else { return Ok(()) };
    let policies = documents(call.account_state(), role);
    let boundary: Option<Vec<Value>> =
        role.boundary.as_deref().map(|arn| document_of(call.account_state(), arn).into_iter().collect());
    let request = input.peek();
    let service = prefix(call.service);
    let context = context(call, &request);
    let mut asked = vec![Asked {
        action: format!("{service}:{}", action(call.service, &call.operation)),
        resources: resources(call, &request),
        context: context.clone(),
    }];
    for member in ["roleArn", "nodeRole", "serviceAccountRoleArn", "DeliverLogsPermissionArn"] {
        if let Some(arn) = request[member].as_str() {
            let (action, resources) = ("iam:PassRole".to_owned(), vec![arn.to_owned()]);
            asked.push(Asked { action, resources, context: context.clone() });
        }
    }
    for one in asked {
        let bounded = boundary.as_ref().is_none_or(|boundary| verdict(boundary, &one) == Verdict::Allowed);
        let said = verdict(&policies, &one);
        if said != Verdict::Allowed || !bounded {
            return Err(denied(model, &caller.arn, &one, said));
        }
    }
    Ok(())
}

fn denied(model: &Model, caller: &str, asked: &Asked, said: Verdict) -> Failure {
    let why = match said {
        Verdict::Denied => "with an explicit deny in an identity-based policy".to_owned(),
        _ => format!("because no identity-based policy allows the {} action", asked.action),
    };
    let on = asked.resources.first().map_or("*", String::as_str);
    let text =
        format!("User: {caller} is not authorized to perform: {} on resource: {on} {why}", asked.action);
    match model.protocol {
        Protocol::Ec2 => {
            let text = format!("You are not authorized to perform this operation. {text}");
            Failure::new("UnauthorizedOperation", text).status(403)
        }
        Protocol::Query | Protocol::RestXml => Failure::new("AccessDenied", text).status(403),
        Protocol::RestJson => Failure::new("AccessDeniedException", text).status(403),
        Protocol::Json => Failure::new("AccessDeniedException", text).status(400),
    }
}

pub(super) fn documents(account: &Account, role: &Role) -> Vec<Value> {
    let inline = role.inline.values().filter_map(|text| serde_json::from_str(text).ok());
    inline.chain(role.attached.iter().filter_map(|arn| document_of(account, arn))).collect()
}

/// The document in force under the ARN of a managed policy.
pub(super) fn document_of(account: &Account, arn: &str) -> Option<Value> {
    if let Some(policy) = managed_policy(arn) {
        return Some(policy.document().clone());
    }
    let policy = account.iam.policies.get(arn)?;
    serde_json::from_str(&policy.versions.get(&policy.default)?.document).ok()
}

/// What actions of a service begin with.
fn prefix(service: &str) -> &str {
    match service {
        "elb" | "elbv2" => "elasticloadbalancing",
        "service-quotas" => "servicequotas",
        "resourcegroupstaggingapi" => "tag",
        service => service,
    }
}

/// The action of an operation; S3 names its own.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
fn action<'o>(service: &str, operation: &'o str) -> &'o str {
    if service != "s3" {
        return operation;
    }
    match operation {
        "CompleteMultipartUpload" | "CopyObject" | "CreateMultipartUpload" | "UploadPart" => "PutObject",
        "DeleteBucketEncryption" | "PutBucketEncryption" => "PutEncryptionConfiguration",
        "DeleteBucketLifecycle" | "PutBucketLifecycleConfiguration" => "PutLifecycleConfiguration",
        "DeleteBucketTagging" => "PutBucketTagging",
        "DeleteObjects" => "DeleteObject",
        "DeletePublicAccessBlock" | "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "HeadObject" => "GetObject",
        "ListBuckets" => "ListAllMyBuckets",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "ListObjectVersions" => "ListBucketVersions",
        "ListParts" => "ListMultipartUploadParts",
        other => other,
    }
}

/// The ARNs that a request acts on, as far as its members tell.
fn resources(call: &Call<'_>, request: &Value) -> Vec<String> {
    let text = |member: &str| request[member].as_str();
    let one = |arn: Option<String>| arn.into_iter().collect::<Vec<_>>();
    match call.service {
        "ec2" => ec2_resources(call, request),
        "ecr" => one(text("repositoryName").map(|name| call.arn("ecr", &format!("repository/{name}")))),
        "eks" => {
            let name = text("clusterName").or_else(|| text("name"));
            one(name.map(|name| call.arn("eks", &format!("cluster/{name}"))))
        }
        "iam" => {
            let role = text("RoleName").map(|name| {
                let known = call.account_state().iam.roles.get(name).map(|role| role.arn.clone());
                known.unwrap_or_else(|| call.global_arn("iam", &format!("role/{name}")))
            });
            one(role.or_else(|| text("PolicyArn").map(str::to_owned)))
        }
        "logs" => one(text("logGroupName").map(|name| call.arn("logs", &format!("log-group:{name}")))),
        "route53" => {
            let id = text("HostedZoneId").or_else(|| text("Id"));
            let bare = id.map(|id| id.rsplit('/').next().unwrap_or(id));
            one(bare.map(|id| format!("arn:aws:route53:::hostedzone/{id}")))
        }
        "s3" => one(text("Bucket").map(|bucket| match text("Key") {
            Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
            None => format!("arn:aws:s3:::{bucket}"),
        })),
        "ssm" => {
            one(text("Name")
                .map(|name| call.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')))))
        }
        "sts" => one(text("RoleArn").map(str::to_owned)),
        _ => Vec::new(),
    }
}

/// EC2's describes know no resources; other calls act on the ids that they name.
fn ec2_resources(call: &Call<'_>, request: &Value) -> Vec<String> {
    if call.operation.starts_with("Describe") {
        return Vec::new();
    }
    let members = request.as_object().into_iter().flatten().map(|(_, value)| value);
    let texts = members.flat_map(|value| match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(entries) => entries.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    });
    texts
        .filter_map(|id| {
            let kind = Kind::of(id).filter(|kind| call.home().ec2.has(*kind, id))?;
            Some(call.arn("ec2", &format!("{}/{id}", kind.resource_type())))
        })
        .collect()
}

/// The condition keys of a request: region, principal, and the tags that it brings and that its resources carry.
fn context(call: &Call<'_>, request: &Value) -> BTreeMap<String, Vec<String>> {
    let mut context = BTreeMap::new();
    let mut put = |key: String, value: String| context.entry(key).or_insert_with(Vec::new).push(value);
    put("aws:requestedregion".into(), call.region.clone());
    put("aws:principalarn".into(), call.caller().arn);
    put("aws:principalaccount".into(), call.account.clone());
    put("aws:securetransport".into(), "false".into());
    let lists = ["Tags", "tags", "AddTags", "TagList"].iter().map(|member| &request[*member]);
    let specified = request["TagSpecifications"].as_array().into_iter().flatten().map(|one| &one["Tags"]);
    for tags in lists.chain(specified) {
        let listed = tags.as_array().into_iter().flatten().filter_map(|tag| {
            let part =
                |names: [&str; 3]| names.iter().find_map(|name| tag[*name].as_str()).map(str::to_owned);
            Some((part(["Key", "key", "TagKey"])?, part(["Value", "value", "TagValue"]).unwrap_or_default()))
        });
        let mapped = tags.as_object().into_iter().flatten();
        let mapped = mapped.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        for (key, value) in listed.chain(mapped) {
            put(format!("aws:requesttag/{}", key.to_lowercase()), value);
            put("aws:tagkeys".into(), key);
        }
    }
    if call.service == "ec2" {
        for arn in ec2_resources(call, request) {
            let id = arn.rsplit('/').next().unwrap_or_default();
            for (key, value) in call.home().ec2.tags.get(id).into_iter().flatten() {
                put(format!("aws:resourcetag/{}", key.to_lowercase()), value.clone());
                put(format!("ec2:resourcetag/{}", key.to_lowercase()), value.clone());
            }
        }
    }
    context
}
