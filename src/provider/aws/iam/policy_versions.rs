//! The versions of a managed policy: five at most, one of them in force.

use aws_sdk_iam::types::PolicyVersion;
use futures_util::future::try_join_all;

use super::documents;
use crate::model::Document;
use crate::provider::Error;
use crate::provider::aws::manage::gone_is_fine;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::{Aws, Service};

/// How many versions a policy may have (CreatePolicyVersion).
const MOST: usize = 5;

/// The document of a version.
///
/// # Errors
/// The classified error.
pub(super) async fn document(aws: &Aws, arn: &str, version: &str) -> Result<Document, Error> {
    const NAME: &str = "GetPolicyVersion";
    let reply = aws
        .read(Service::Iam, NAME, || {
            aws.clients().iam.get_policy_version().policy_arn(arn).version_id(version).send()
        })
        .await?;
    let document = reply.policy_version.and_then(|version| version.document).unwrap_or_default();
    documents::read(&document, NAME)
}

/// Makes a document the one in force, after making room for it.
///
/// # Errors
/// The classified error.
pub(super) async fn put(aws: &Aws, arn: &str, document: &Document) -> Result<(), Error> {
    prune(aws, arn, MOST - 1).await?;
    aws.converge(Service::Iam, "CreatePolicyVersion", || {
        aws.clients()
            .iam
            .create_policy_version()
            .policy_arn(arn)
            .policy_document(document.to_text())
            .set_as_default(true)
            .send()
    })
    .await?;
    Ok(())
}

/// Deletes the oldest versions that are not in force, until no more than `keep` are left.
///
/// # Errors
/// The classified error.
pub(super) async fn prune(aws: &Aws, arn: &str, keep: usize) -> Result<(), Error> {
    let Some(versions) = if_there(list(aws, arn).await)? else { return Ok(()) };
    let surplus = versions.len().saturating_sub(keep);
    let mut old: Vec<(u32, String)> = versions
        .into_iter()
        .filter(|version| !version.is_default_version)
        .filter_map(|version| version.version_id)
        .map(|id| (number(&id), id))
        .collect();
    old.sort();
    try_join_all(old.into_iter().take(surplus).map(|(_, version)| async move {
        gone_is_fine(
            aws.remove(Service::Iam, "DeletePolicyVersion", || {
                aws.clients().iam.delete_policy_version().policy_arn(arn).version_id(&version).send()
            })
            .await,
        )
    }))
    .await?;
    Ok(())
}

/// The number of `v12`: versions are counted up and never used again.
fn number(version: &str) -> u32 {
    version.trim_start_matches('v').parse().unwrap_or(u32::MAX)
}

async fn list(aws: &Aws, arn: &str) -> Result<Vec<PolicyVersion>, Error> {
    let reply = aws
        .read(Service::Iam, "ListPolicyVersions", || {
            aws.clients().iam.list_policy_versions().policy_arn(arn).max_items(100).send()
        })
        .await?;
    Ok(reply.versions.unwrap_or_default())
}
