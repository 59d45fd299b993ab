//! What a role consists of: words, trust, boundary, policies.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::role_reads;
use crate::model::Ref;
use crate::model::iam::{Policy, Role};
use crate::provider::Error;
use crate::provider::aws::manage::{Revision, gone_is_fine, resolve, resolve_all};
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};

/// The session length as calls want it.
pub(super) fn session(role: &Role) -> i32 {
    i32::try_from(role.max_session).unwrap_or(i32::MAX)
}

pub(super) async fn set_words(aws: &Aws, call: &Revision<Role>) -> Result<(), Error> {
    aws.converge(Service::Iam, "UpdateRole", || {
        aws.clients()
            .iam
            .update_role()
            .role_name(call.id.as_str())
            .description(&call.spec.description)
            .max_session_duration(session(&call.spec))
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_trust(aws: &Aws, call: &Revision<Role>) -> Result<(), Error> {
    aws.converge(Service::Iam, "UpdateAssumeRolePolicy", || {
        aws.clients()
            .iam
            .update_assume_role_policy()
            .role_name(call.id.as_str())
            .policy_document(call.spec.trust.to_text())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_boundary(aws: &Aws, call: &Revision<Role>) -> Result<(), Error> {
    const NAME: &str = "PutRolePermissionsBoundary";
    let name = call.id.as_str();
    match &call.spec.boundary {
        Some(policy) => {
            let arn = resolve(&call.known, policy, NAME)?;
            aws.converge(Service::Iam, NAME, || {
                aws.clients()
                    .iam
                    .put_role_permissions_boundary()
                    .role_name(name)
                    .permissions_boundary(arn)
                    .send()
            })
            .await?;
            Ok(())
        }
        None => gone_is_fine(
            aws.remove(Service::Iam, "DeleteRolePermissionsBoundary", || {
                aws.clients().iam.delete_role_permissions_boundary().role_name(name).send()
            })
            .await,
        ),
    }
}

pub(super) async fn set_inline(aws: &Aws, call: &Revision<Role>) -> Result<(), Error> {
    let name = call.id.as_str();
    for (policy, document) in &call.spec.inline {
        if call.touches(&format!("inline.{policy}")) {
            aws.converge(Service::Iam, "PutRolePolicy", || {
                aws.clients()
                    .iam
                    .put_role_policy()
                    .role_name(name)
                    .policy_name(policy)
                    .policy_document(document.to_text())
                    .send()
            })
            .await?;
        }
    }
    for policy in call.live.inline.keys().filter(|policy| !call.spec.inline.contains_key(*policy)) {
        delete_inline(aws, name, policy).await?;
    }
    Ok(())
}

/// Attaches what is missing, then takes away what is too much.
pub(super) async fn set_policies(aws: &Aws, call: &Revision<Role>) -> Result<(), Error> {
    const NAME: &str = "AttachRolePolicy";
    let name = call.id.as_str();
    let [want, live]: [BTreeSet<&Ref<Policy>>; 2] =
        [&call.spec.policies, &call.live.policies].map(|policies| policies.iter().collect());
    let missing = resolve_all(&call.known, want.difference(&live).copied(), NAME)?;
    let surplus = resolve_all(&call.known, live.difference(&want).copied(), "DetachRolePolicy")?;
    try_join_all(missing.iter().map(|arn| {
        aws.converge(Service::Iam, NAME, move || {
            aws.clients().iam.attach_role_policy().role_name(name).policy_arn(arn).send()
        })
    }))
    .await?;
    try_join_all(surplus.iter().map(|arn| detach(aws, name, arn))).await?;
    Ok(())
}

/// Takes everything out of a role that keeps it from being deleted: whoever put it there.
pub(super) async fn strip(aws: &Aws, name: &str) -> Result<(), Error> {
    let Some(attached) = if_there(role_reads::attached(aws, name).await)? else { return Ok(()) };
    let inline = if_there(role_reads::inline_names(aws, name).await)?.unwrap_or_default();
    try_join_all(attached.iter().map(|arn| detach(aws, name, arn))).await?;
    try_join_all(inline.iter().map(|policy| delete_inline(aws, name, policy))).await?;
    Ok(())
}

async fn detach(aws: &Aws, name: &str, arn: &str) -> Result<(), Error> {
    gone_is_fine(
        aws.remove(Service::Iam, "DetachRolePolicy", || {
            aws.clients().iam.detach_role_policy().role_name(name).policy_arn(arn).send()
        })
        .await,
    )
}

async fn delete_inline(aws: &Aws, name: &str, policy: &str) -> Result<(), Error> {
    gone_is_fine(
        aws.remove(Service::Iam, "DeleteRolePolicy", || {
            aws.clients().iam.delete_role_policy().role_name(name).policy_name(policy).send()
        })
        .await,
    )
}
