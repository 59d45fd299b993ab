//! Enforcement: whether the caller's policies allow a call.
//!
//! Callers with a role are judged (its inline and attached policies, and its boundary); the default user and the
//! root of an account may do everything. Resource policies take no part but for trust policies, which STS judges.

use serde_json::Value;

use super::evaluate::{Asked, Verdict, verdict};
use super::{Role, context, managed_policy};
use crate::services::ec2::Kind;
use crate::services::{kms, secretsmanager};
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
    for one in asked(call, &input.peek(), role) {
        let bounded = boundary.as_ref().is_none_or(|boundary| verdict(boundary, &one) == Verdict::Allowed);
        let said = verdict(&policies, &one);
        if said != Verdict::Allowed || !bounded {
            return Err(denied(model, &caller.arn, &one, said));
        }
    }
    Ok(())
}

/// What a request asks for: its own action, and those that AWS checks with it (passing a role, tagging at birth).
fn asked(call: &Call<'_>, request: &Value, role: &Role) -> Vec<Asked> {
    let service = prefix(call.service);
    let resources = resources(call, request);
    let context = context::of(call, request, role, &resources);
    let own = Asked {
        action: format!("{service}:{}", action(call.service, &call.operation)),
        resources,
        context: context.clone(),
    };
    let mut asked = vec![own];
    if let Some(action) = tagging(call, request) {
        let mut context = context.clone();
        context.insert(format!("{service}:createaction"), vec![call.operation.clone()]);
        asked.push(Asked { action: format!("{service}:{action}"), resources: Vec::new(), context });
    }
    for (member, passed_to) in PASSED {
        if let Some(arn) = request[member].as_str() {
            let mut context = context.clone();
            context.insert("iam:passedtoservice".to_owned(), vec![passed_to.to_owned()]);
            let (action, resources) = ("iam:PassRole".to_owned(), vec![arn.to_owned()]);
            asked.push(Asked { action, resources, context });
        }
    }
    asked
}

/// Members with the ARN of a role that the caller hands to a service, and to which one.
const PASSED: [(&str, &str); 4] = [
    ("roleArn", "eks.amazonaws.com"),
    ("nodeRole", "eks.amazonaws.com"),
    ("serviceAccountRoleArn", "eks.amazonaws.com"),
    ("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
];

/// The action that a create needs besides its own when it brings tags.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html>, and the service
/// authorization reference of each service.
fn tagging(call: &Call<'_>, request: &Value) -> Option<&'static str> {
    let some = |member: &str| match &request[member] {
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => false,
    };
    let is_create = ["Create", "Put", "Allocate", "Authorize", "Request"]
        .iter()
        .any(|one| call.operation.starts_with(one));
    if !is_create || !["TagSpecifications", "Tags", "tags"].iter().any(|member| some(member)) {
        return None;
    }
    match (call.service, call.operation.as_str()) {
        ("ec2", operation) if operation != "CreateTags" => Some("CreateTags"),
        ("ecr" | "eks" | "kms" | "logs" | "secretsmanager", _) => Some("TagResource"),
        ("elb" | "elbv2", _) => Some("AddTags"),
        ("acm", _) => Some("AddTagsToCertificate"),
        ("ssm", _) => Some("AddTagsToResource"),
        ("iam", "CreateRole") => Some("TagRole"),
        ("iam", "CreatePolicy") => Some("TagPolicy"),
        ("iam", "CreateInstanceProfile") => Some("TagInstanceProfile"),
        ("iam", "CreateOpenIDConnectProvider") => Some("TagOpenIDConnectProvider"),
        _ => None,
    }
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
pub(super) fn prefix(service: &str) -> &str {
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
            let cluster = name.map(|name| call.arn("eks", &format!("cluster/{name}")));
            let group = name.zip(text("nodegroupName")).and_then(|(name, group)| {
                let row = call.home().eks.node_groups.get(&format!("{name}/{group}"))?;
                Some(call.arn("eks", &format!("nodegroup/{name}/{group}/{}", row.id)))
            });
            one(group.or(cluster).or_else(|| text("resourceArn").map(str::to_owned)))
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
        "kms" => one(text("KeyId").and_then(|id| kms::arn_of(call, id))),
        "secretsmanager" => one(text("SecretId").and_then(|id| secretsmanager::arn_of(call, id))),
        _ => own_arns(call, request),
    }
}

/// The ARNs of the service that a request names.
fn own_arns(call: &Call<'_>, request: &Value) -> Vec<String> {
    let prefix = format!("arn:aws:{}:", prefix(call.service));
    let members = request.as_object().into_iter().flatten().map(|(_, value)| value);
    let texts = members.flat_map(|value| match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(entries) => entries.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    });
    texts.filter(|text| text.starts_with(&prefix)).map(str::to_owned).collect()
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
