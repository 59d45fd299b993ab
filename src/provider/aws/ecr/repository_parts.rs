//! What a repository consists of: policies, tags, settings.

use aws_sdk_ecr::types::{ImageScanningConfiguration, ImageTagMutability, Tag};

use crate::model::{Document, Tags};
use crate::provider::Error;
use crate::provider::aws::manage::gone_is_fine;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::tagging::TagChanges;
use crate::provider::aws::{Aws, Service};

/// The mutability of tags in the service's word.
pub(super) fn mutability(immutable: bool) -> ImageTagMutability {
    if immutable { ImageTagMutability::Immutable } else { ImageTagMutability::Mutable }
}

/// The lifecycle policy, if there is one.
pub(super) async fn lifecycle(aws: &Aws, name: &str) -> Result<Option<Document>, Error> {
    const NAME: &str = "GetLifecyclePolicy";
    // LifecyclePolicyNotFoundException is the answer for none.
    let reply = aws
        .read(Service::Ecr, NAME, || aws.clients().ecr.get_lifecycle_policy().repository_name(name).send())
        .await;
    read(if_there(reply)?.and_then(|reply| reply.lifecycle_policy_text), NAME)
}

/// The access policy, if there is one.
pub(super) async fn policy(aws: &Aws, name: &str) -> Result<Option<Document>, Error> {
    const NAME: &str = "GetRepositoryPolicy";
    // RepositoryPolicyNotFoundException is the answer for none.
    let reply = aws
        .read(Service::Ecr, NAME, || aws.clients().ecr.get_repository_policy().repository_name(name).send())
        .await;
    read(if_there(reply)?.and_then(|reply| reply.policy_text), NAME)
}

fn read(text: Option<String>, operation: &'static str) -> Result<Option<Document>, Error> {
    let parsed = text.map(|text| Document::parse(&text)).transpose();
    parsed.map_err(|error| Error::local("ecr", operation, format!("the policy is not JSON: {error}")))
}

pub(super) async fn tags(aws: &Aws, arn: &str) -> Result<Tags, Error> {
    let reply = aws
        .read(Service::Ecr, "ListTagsForResource", || {
            aws.clients().ecr.list_tags_for_resource().resource_arn(arn).send()
        })
        .await?;
    Ok(reply.tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect())
}

pub(super) async fn set_scanning(aws: &Aws, name: &str, on_push: bool) -> Result<(), Error> {
    let scanning = ImageScanningConfiguration::builder().scan_on_push(on_push).build();
    aws.converge(Service::Ecr, "PutImageScanningConfiguration", || {
        aws.clients()
            .ecr
            .put_image_scanning_configuration()
            .repository_name(name)
            .image_scanning_configuration(scanning.clone())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_mutability(aws: &Aws, name: &str, immutable: bool) -> Result<(), Error> {
    aws.converge(Service::Ecr, "PutImageTagMutability", || {
        aws.clients()
            .ecr
            .put_image_tag_mutability()
            .repository_name(name)
            .image_tag_mutability(mutability(immutable))
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_lifecycle(aws: &Aws, name: &str, policy: Option<&Document>) -> Result<(), Error> {
    let Some(policy) = policy else {
        return gone_is_fine(
            aws.remove(Service::Ecr, "DeleteLifecyclePolicy", || {
                aws.clients().ecr.delete_lifecycle_policy().repository_name(name).send()
            })
            .await,
        );
    };
    aws.converge(Service::Ecr, "PutLifecyclePolicy", || {
        aws.clients()
            .ecr
            .put_lifecycle_policy()
            .repository_name(name)
            .lifecycle_policy_text(policy.to_text())
            .send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_policy(aws: &Aws, name: &str, policy: Option<&Document>) -> Result<(), Error> {
    let Some(policy) = policy else {
        return gone_is_fine(
            aws.remove(Service::Ecr, "DeleteRepositoryPolicy", || {
                aws.clients().ecr.delete_repository_policy().repository_name(name).send()
            })
            .await,
        );
    };
    aws.converge(Service::Ecr, "SetRepositoryPolicy", || {
        aws.clients().ecr.set_repository_policy().repository_name(name).policy_text(policy.to_text()).send()
    })
    .await?;
    Ok(())
}

pub(super) async fn set_tags(aws: &Aws, arn: &str, changes: &TagChanges) -> Result<(), Error> {
    if !changes.set.is_empty() {
        let set = tags_for_call(&changes.set, "TagResource")?;
        aws.converge(Service::Ecr, "TagResource", || {
            aws.clients().ecr.tag_resource().resource_arn(arn).set_tags(Some(set.clone())).send()
        })
        .await?;
    }
    if let Some(keys) = changes.unset_keys() {
        aws.converge(Service::Ecr, "UntagResource", || {
            aws.clients().ecr.untag_resource().resource_arn(arn).set_tag_keys(Some(keys.clone())).send()
        })
        .await?;
    }
    Ok(())
}

pub(super) fn tags_for_call<'a>(
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
    operation: &'static str,
) -> Result<Vec<Tag>, Error> {
    tags.into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| Error::local("ecr", operation, error.to_string()))
}
