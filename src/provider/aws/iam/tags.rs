//! Tags as IAM keeps them.

use aws_sdk_iam::types::Tag;

use crate::model::Tags;
use crate::provider::Error;

/// Tags of an answer.
pub(super) fn of(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// Tags for a call.
///
/// # Errors
/// Never for tags that have a key.
pub(super) fn for_call<'a>(
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
    operation: &'static str,
) -> Result<Vec<Tag>, Error> {
    tags.into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| Error::local("iam", operation, error.to_string()))
}
