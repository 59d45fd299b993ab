//! The condition keys of a request.
//!
//! The global keys, and those that services share: tags that a request brings and that its resources carry, under
//! the global name and under the service's own; what IAM and S3 tell of a request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::Role;
use super::enforce::prefix;
use crate::services;
use crate::world::Call;

/// Keys in lower case, with their values.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// The condition keys of a request by a session of a role.
pub(super) fn of(call: &Call<'_>, request: &Value, role: &Role, resources: &[String]) -> Context {
    let mut context = Context::new();
    let mut put = |key: &str, value: &str| {
        context.entry(key.to_owned()).or_default().push(value.to_owned());
    };
    let caller = call.caller();
    put("aws:requestedregion", &call.region);
    put("aws:principalarn", &role.arn);
    put("aws:principalaccount", &call.account);
    put("aws:principaltype", "AssumedRole");
    put("aws:principalisawsservice", "false");
    put("aws:resourceaccount", &call.account);
    put("aws:userid", &caller.user_id);
    put("aws:securetransport", "false");
    put("aws:sourceip", "127.0.0.1");
    put("aws:currenttime", &call.now.iso());
    put("aws:epochtime", &(call.now.0 / 1000).to_string());
    if call.service == "ec2" {
        put("ec2:region", &call.region);
    }
    for (key, value) in &role.tags {
        put(&format!("aws:principaltag/{}", key.to_lowercase()), value);
    }
    for (key, member) in MEMBERS {
        if let Some(text) = request[member].as_str() {
            put(key, text);
        }
    }
    for (key, value) in request_tags(request) {
        put(&format!("aws:requesttag/{}", key.to_lowercase()), &value);
        put("aws:tagkeys", &key);
    }
    for (key, value) in resource_tags(call, resources) {
        put(&format!("aws:resourcetag/{}", key.to_lowercase()), &value);
        put(&format!("{}:resourcetag/{}", prefix(call.service), key.to_lowercase()), &value);
    }
    context
}

/// Keys that are a member of the request.
const MEMBERS: [(&str, &str); 5] = [
    ("iam:awsservicename", "AWSServiceName"),
    ("iam:permissionsboundary", "PermissionsBoundary"),
    ("iam:policyarn", "PolicyArn"),
    ("s3:prefix", "Prefix"),
    ("secretsmanager:name", "Name"),
];

fn request_tags(request: &Value) -> Vec<(String, String)> {
    let lists = ["Tags", "tags", "AddTags", "TagList"].iter().map(|member| &request[*member]);
    let specified = request["TagSpecifications"].as_array().into_iter().flatten().map(|one| &one["Tags"]);
    let mut found = Vec::new();
    for tags in lists.chain(specified) {
        let listed = tags.as_array().into_iter().flatten().filter_map(|tag| {
            let part =
                |names: [&str; 3]| names.iter().find_map(|name| tag[*name].as_str()).map(str::to_owned);
            Some((part(["Key", "key", "TagKey"])?, part(["Value", "value", "TagValue"]).unwrap_or_default()))
        });
        let mapped = tags.as_object().into_iter().flatten();
        let mapped = mapped.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        found.extend(listed.chain(mapped));
    }
    found
}

/// The tags of the resources that are acted on.
fn resource_tags(call: &Call<'_>, resources: &[String]) -> Vec<(String, String)> {
    let Some(service) = services::service(call.service).filter(|_| !resources.is_empty()) else {
        return Vec::new();
    };
    let items = (service.inventory)(call.world(), &call.account, &call.region);
    items.into_iter().filter(|item| resources.contains(&item.arn)).flat_map(|item| item.tags).collect()
}
