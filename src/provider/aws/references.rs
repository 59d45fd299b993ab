//! References as calls want them.

use crate::model::{Attribute, Known, Ref, Resource};
use crate::provider::Error;

/// The ARN behind a reference. An external reference to what calls name by ARN holds the ARN.
///
/// # Errors
/// When what it refers to is not known: the engine has called out of order.
pub(super) fn arn_of<K: Resource>(
    known: &Known,
    reference: &Ref<K>,
    operation: &'static str,
) -> Result<String, Error> {
    known.resolve_attribute(reference, Attribute::Arn).map(str::to_owned).ok_or_else(|| {
        let message = format!("the ARN of {reference} is not known yet; it must stand before this");
        Error::local("platctl", operation, message)
    })
}

/// The last part of an ARN, which is the name of what it stands for; a name is its own.
pub(super) fn name_in_arn(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}
