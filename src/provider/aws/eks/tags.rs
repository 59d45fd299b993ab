//! Tags of everything that EKS keeps.

use crate::provider::Error;
use crate::provider::aws::tagging::TagChanges;
use crate::provider::aws::{Aws, Service};

/// Changes tags. EKS counts this as no update: it is possible at any time.
///
/// # Errors
/// The classified error.
pub(super) async fn set(aws: &Aws, arn: &str, changes: &TagChanges) -> Result<(), Error> {
    if let Some(set) = changes.set_map() {
        aws.converge(Service::Eks, "TagResource", || {
            aws.clients().eks.tag_resource().resource_arn(arn).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Eks, "UntagResource", || {
            aws.clients().eks.untag_resource().resource_arn(arn).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}
