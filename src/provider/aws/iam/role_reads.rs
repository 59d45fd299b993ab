//! Reading roles, many at once or one.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{self, RoleDetail};
use futures_util::future::{join_all, try_join_all};

use super::{details, documents, tags};
use crate::model::iam::{Role, RoleOutputs};
use crate::model::{Document, Ref};
use crate::provider::aws::manage::Seen;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

type Answer = Result<Seen<Role>, Error>;

/// Reads roles by name, an answer a name, in the same order.
pub(super) async fn read(aws: &Aws, names: &[String]) -> Vec<Answer> {
    if names.len() > 1 {
        match read_many(aws, names).await {
            // Not every caller may see the whole account at once.
            Err(error) if error.class == Class::Denied => {}
            Err(error) => return names.iter().map(|_| Err(error.clone())).collect(),
            Ok(found) => return found,
        }
    }
    join_all(names.iter().map(|name| read_one(aws, name))).await
}

async fn read_many(aws: &Aws, names: &[String]) -> Result<Vec<Answer>, Error> {
    let (details, listed) = futures_util::future::try_join(details::roles(aws), list(aws)).await?;
    Ok(names
        .iter()
        .map(|name| match (details.get(name), listed.get(name)) {
            (Some(detail), Some(role)) => from_detail(detail, role),
            _ => Ok(Seen::Absent),
        })
        .collect())
}

/// What GetAccountAuthorizationDetails leaves out: description and session length.
async fn list(aws: &Aws) -> Result<BTreeMap<String, types::Role>, Error> {
    let mut found = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Iam, "ListRoles", || {
                aws.clients().iam.list_roles().max_items(1000).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.roles.into_iter().map(|role| (role.role_name.clone(), role)));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

fn from_detail(detail: &RoleDetail, listed: &types::Role) -> Answer {
    const NAME: &str = "GetAccountAuthorizationDetails";
    let mut role = words(listed);
    let trust = detail.assume_role_policy_document.as_deref().unwrap_or_default();
    role.trust = documents::read(trust, NAME)?;
    role.tags = tags::of(detail.tags());
    role.boundary = boundary(detail.permissions_boundary.as_ref());
    role.policies = detail
        .attached_managed_policies()
        .iter()
        .filter_map(|p| p.policy_arn.clone())
        .map(Ref::external)
        .collect();
    for policy in detail.role_policy_list() {
        let document = documents::read(policy.policy_document().unwrap_or_default(), NAME)?;
        role.inline.insert(policy.policy_name().unwrap_or_default().to_owned(), document);
    }
    Ok(ready(role, listed))
}

async fn read_one(aws: &Aws, name: &str) -> Answer {
    let reply =
        aws.read(Service::Iam, "GetRole", || aws.clients().iam.get_role().role_name(name).send()).await;
    let Some(found) = if_there(reply)?.and_then(|reply| reply.role) else { return Ok(Seen::Absent) };
    let mut role = words(&found);
    role.trust = documents::read(found.assume_role_policy_document().unwrap_or_default(), "GetRole")?;
    role.tags = tags::of(found.tags());
    role.boundary = boundary(found.permissions_boundary.as_ref());
    let (attached, inline) =
        futures_util::future::try_join(attached(aws, name), inline_names(aws, name)).await?;
    role.policies = attached.into_iter().map(Ref::external).collect();
    let inline = try_join_all(inline.into_iter().map(|policy| async move {
        let document = inline_document(aws, name, &policy).await?;
        Ok::<_, Error>((policy, document))
    }));
    role.inline = inline.await?.into_iter().collect();
    Ok(ready(role, &found))
}

/// The ARNs of the managed policies that are attached to a role.
pub(super) async fn attached(aws: &Aws, name: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Iam, "ListAttachedRolePolicies", || {
                aws.clients()
                    .iam
                    .list_attached_role_policies()
                    .role_name(name)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        found.extend(page.attached_policies.into_iter().flatten().filter_map(|policy| policy.policy_arn));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The names of the policies that are written into a role.
pub(super) async fn inline_names(aws: &Aws, name: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = aws
            .read(Service::Iam, "ListRolePolicies", || {
                aws.clients().iam.list_role_policies().role_name(name).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.policy_names);
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn inline_document(aws: &Aws, name: &str, policy: &str) -> Result<Document, Error> {
    const NAME: &str = "GetRolePolicy";
    let reply = aws
        .read(Service::Iam, NAME, || {
            aws.clients().iam.get_role_policy().role_name(name).policy_name(policy).send()
        })
        .await?;
    documents::read(&reply.policy_document, NAME)
}

/// A role with what both ListRoles and GetRole tell.
fn words(found: &types::Role) -> Role {
    let mut role = Role::new(&found.role_name, Document::default(), crate::model::Tags::new());
    role.path.clone_from(&found.path);
    role.description = found.description.clone().unwrap_or_default();
    if let Some(seconds) = found.max_session_duration.and_then(|seconds| u32::try_from(seconds).ok()) {
        role.max_session = seconds;
    }
    role
}

fn boundary(boundary: Option<&types::AttachedPermissionsBoundary>) -> Option<Ref<crate::model::iam::Policy>> {
    boundary.and_then(|b| b.permissions_boundary_arn.clone()).map(Ref::external)
}

fn ready(role: Role, found: &types::Role) -> Seen<Role> {
    Seen::ready(found.role_name.as_str(), role, RoleOutputs { arn: found.arn.clone() })
}
