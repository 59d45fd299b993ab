//! Cases of the kinds of IAM.

mod others;
mod policy;
mod role;

use aws_sdk_iam::types::Tag;
use platctl::model::iam::{Policy, Role};
use platctl::model::{CloudId, Document, Tags};
use serde_json::json;

use super::world::World;

laws! {
    role: role::role;
    policy: policy::policy;
    oidc_provider: others::oidc_provider;
    instance_profile: others::instance_profile;
    service_linked_role: others::service_linked_role;
}

/// Who of AWS may assume a role.
pub(crate) fn trust(service: &str) -> Document {
    Document::new(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"Service": service}, "Action": ["sts:AssumeRole", "sts:TagSession"],
        }],
    }))
}

/// What allows an action on everything.
pub(crate) fn allow(action: &str) -> Document {
    Document::new(json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "First", "Effect": "Allow", "Action": [action, "sts:GetCallerIdentity"], "Resource": "*"},
            {"Sid": "Second", "Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"},
        ],
    }))
}

/// `role.NAME`, which a service may assume, with managed policies.
pub(crate) async fn make_role(world: &mut World, name: &str, service: &str, policies: &[&str]) -> CloudId {
    let address = format!("role.{name}");
    let policies = policies.iter().map(|arn| platctl::model::Ref::external(*arn)).collect();
    let role = Role::new(format!("laws-{name}"), trust(service), world.tags(&address));
    world.make(&address, Role { policies, ..role }).await
}

/// `policy.NAME`.
async fn make_policy(world: &mut World, name: &str) -> CloudId {
    let address = format!("policy.{name}");
    let policy = Policy {
        name: format!("laws-{name}"),
        path: "/".to_owned(),
        description: String::new(),
        document: allow("s3:GetObject"),
        tags: world.tags(&address),
    };
    world.make(&address, policy).await
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| tag(key, value)).collect()
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}
