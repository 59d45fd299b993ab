//! Tags of EC2: set at birth by `TagSpecifications`, changed by CreateTags and DeleteTags for all kinds alike.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::model::{Change, CloudId, Shown, Tags};
use crate::provider::Error;
use crate::provider::aws::{Aws, Service, gone_is_fine};

pub(super) fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

pub(super) fn from_sdk(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

/// The tags that a new resource is born with.
pub(super) fn at_birth(kind: ResourceType, tags: &Tags) -> Option<TagSpecification> {
    (!tags.is_empty())
        .then(|| TagSpecification::builder().resource_type(kind).set_tags(Some(to_sdk(tags))).build())
}

/// Carries out the changes of tags among `changes`, and no others.
pub(super) async fn update(aws: &Aws, id: &CloudId, want: &Tags, changes: &[Change]) -> Result<(), Error> {
    let mut set = Tags::new();
    let mut removed = Vec::new();
    for change in changes {
        let Some(key) = change.field.strip_prefix("tags.") else { continue };
        match (&change.after, want.get(key)) {
            (Shown::Nothing, None) => removed.push(Tag::builder().key(key).build()),
            (_, Some(value)) => {
                set.insert(key.to_owned(), value.clone());
            }
            _ => {}
        }
    }
    let ec2 = &aws.clients().ec2;
    if !set.is_empty() {
        let tags = to_sdk(&set);
        aws.converge(Service::Ec2, "CreateTags", || {
            ec2.create_tags().resources(id.as_str()).set_tags(Some(tags.clone())).send()
        })
        .await?;
    }
    if !removed.is_empty() {
        let deleted = aws.remove(Service::Ec2, "DeleteTags", || {
            ec2.delete_tags().resources(id.as_str()).set_tags(Some(removed.clone())).send()
        });
        gone_is_fine(deleted.await)?;
    }
    Ok(())
}
