//! Finding many resources with few calls: one Describe by the environment's tag, one more for recorded ids that
//! did not come with it.

use std::future::Future;

use aws_sdk_ec2::types::{Filter, Tag};

use crate::model::{ADDRESS_TAG, CloudId, ENVIRONMENT_TAG, Resource};
use crate::provider::aws::{Aws, Seen, Sought};
use crate::provider::{Class, Error};

/// How many values a filter may have ("DescribeInstances", EC2 API reference).
const FILTER_VALUES: usize = 200;

/// Something that a Describe call lists.
pub(super) trait Item: Send + Sync {
    /// Its id.
    fn id(&self) -> &str;
    /// Its tags.
    fn tags(&self) -> &[Tag];
    /// Whether it is there.
    fn presence(&self) -> Presence {
        Presence::Here
    }
}

/// Whether something that is listed is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Presence {
    /// It is.
    Here,
    /// Not for long.
    Leaving,
    /// It is only listed still.
    Gone,
}

/// A filter by one name.
pub(super) fn filter(name: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().map(Into::into).collect())).build()
}

/// Everything of the environment, and everything else that is recorded. One resource alone is asked for by id.
pub(super) async fn find<K, I, Fut>(
    aws: &Aws,
    looks: &[Sought<K>],
    id_filter: &str,
    describe: impl Fn(Vec<Filter>) -> Fut,
) -> Result<Vec<I>, Error>
where
    I: Item,
    Fut: Future<Output = Result<Vec<I>, Error>>,
{
    let mut items = Vec::new();
    if looks.is_empty() {
        return Ok(items);
    }
    if looks.len() > 1 || looks.iter().any(|look| look.id.is_none()) {
        let ours = filter(format!("tag:{ENVIRONMENT_TAG}"), [aws.environment()]);
        items = describe(vec![ours]).await?;
    }
    let missing: Vec<&str> = looks
        .iter()
        .filter_map(|look| look.id.as_ref().map(CloudId::as_str))
        .filter(|id| !items.iter().any(|item| item.id() == *id))
        .collect();
    for ids in missing.chunks(FILTER_VALUES) {
        items.extend(describe(vec![filter(id_filter, ids.iter().copied())]).await?);
    }
    Ok(items)
}

/// The one that a look means: by its id, or by the environment's and the address's tag.
///
/// # Errors
/// When two carry the address: a copied tag, which a person has to sort out.
pub(super) fn pick<'a, K, I: Item>(
    aws: &Aws,
    items: &'a [I],
    look: &Sought<K>,
) -> Result<Option<&'a I>, Error> {
    let there = items.iter().filter(|item| item.presence() != Presence::Gone);
    if let Some(id) = &look.id {
        return Ok(there.into_iter().find(|item| item.id() == id.as_str()));
    }
    let address = look.address.to_string();
    let mut tagged: Vec<&I> = there
        .filter(|item| {
            has_tag(item.tags(), ADDRESS_TAG, &address)
                && has_tag(item.tags(), ENVIRONMENT_TAG, aws.environment())
        })
        .collect();
    tagged.sort_by_key(|item| item.presence());
    match tagged.as_slice() {
        [one, two, ..] if two.presence() == Presence::Here => Err(Error {
            class: Class::Conflict,
            ..Error::local(
                "ec2",
                "Describe",
                format!("{} and {} both carry the tag {ADDRESS_TAG}={address}", one.id(), two.id()),
            )
        }),
        found => Ok(found.first().copied()),
    }
}

/// Looks at all of one kind whose answer is a function of the item alone.
pub(super) async fn observe<K, I, Fut>(
    aws: &Aws,
    looks: Vec<Sought<K>>,
    id_filter: &str,
    describe: impl Fn(Vec<Filter>) -> Fut,
    see: impl Fn(&I, &Sought<K>) -> Result<Seen<K>, Error>,
) -> Vec<Result<Seen<K>, Error>>
where
    K: Resource,
    I: Item,
    Fut: Future<Output = Result<Vec<I>, Error>>,
{
    match find(aws, &looks, id_filter, describe).await {
        Ok(items) => looks
            .iter()
            .map(|look| pick(aws, &items, look)?.map_or(Ok(Seen::Absent), |item| see(item, look)))
            .collect(),
        Err(error) => looks.iter().map(|_| Err(error.clone())).collect(),
    }
}

pub(super) fn has_tag(tags: &[Tag], key: &str, value: &str) -> bool {
    tags.iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
}

/// A field that AWS always answers with.
pub(super) fn field<T>(value: Option<T>, operation: &'static str, name: &str) -> Result<T, Error> {
    value.ok_or_else(|| Error {
        class: Class::Other,
        ..Error::local("ec2", operation, format!("the answer lacks {name}"))
    })
}
