//! What an author of a kind writes: four functions over typed specs.

use std::future::Future;
use std::sync::Arc;

use super::Aws;
use crate::model::{Address, Change, CloudId, Known, Ref, Resource};
use crate::provider::{Error, Readiness};

/// One resource to be looked at.
#[derive(Clone, Debug)]
pub struct Sought<K> {
    /// Its address, which is also the value of its ownership tag.
    pub address: Address,
    /// Its id, where it is recorded.
    pub id: Option<CloudId>,
    /// What is wanted of it, or what was.
    pub spec: K,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen<K: Resource> {
    /// Not there.
    Absent,
    /// Still there, on its way out; why or what it waits for.
    Leaving(String),
    /// There.
    Present(Box<Standing<K>>),
}

impl<K: Resource> Seen<K> {
    /// There, and ready.
    pub fn ready(id: impl Into<CloudId>, spec: K, outputs: K::Outputs) -> Self {
        Self::with(id, spec, outputs, Readiness::Ready)
    }

    /// There, ready or not.
    pub fn with(id: impl Into<CloudId>, spec: K, outputs: K::Outputs, readiness: Readiness) -> Self {
        Self::Present(Box::new(Standing { id: id.into(), spec, outputs, readiness }))
    }
}

/// A resource as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<K: Resource> {
    /// Its id.
    pub id: CloudId,
    /// Reality in the terms of a spec, references external.
    pub spec: K,
    /// Its outputs.
    pub outputs: K::Outputs,
    /// Whether it can be used.
    pub readiness: Readiness,
}

/// One create call.
#[derive(Clone, Debug)]
pub struct Creation<K> {
    /// The address.
    pub address: Address,
    /// What is wanted.
    pub spec: K,
    /// The client token, the same at every repetition.
    pub token: String,
    /// Ids and outputs of everything that the spec refers to.
    pub known: Arc<Known>,
}

/// One round of making a resource as it should be.
#[derive(Clone, Debug)]
pub struct Revision<K> {
    /// The address.
    pub address: Address,
    /// Its id.
    pub id: CloudId,
    /// What is wanted.
    pub spec: K,
    /// What is there.
    pub live: K,
    /// What differs.
    pub changes: Vec<Change>,
    /// Ids and outputs of everything that both refer to.
    pub known: Arc<Known>,
}

impl<K> Revision<K> {
    /// True when a field, or a part of it (`tags.Name` of `tags`), differs.
    pub fn touches(&self, field: &str) -> bool {
        self.changes.iter().any(|change| {
            change.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// One delete call.
#[derive(Clone, Debug)]
pub struct Removal<K> {
    /// The address.
    pub address: Address,
    /// Its id.
    pub id: CloudId,
    /// What was recorded of it.
    pub spec: K,
    /// Ids and outputs of everything that the spec refers to.
    pub known: Arc<Known>,
}

/// A kind that lives in AWS. The laws of [`crate::provider`] hold for each function.
pub trait Manage: Resource {
    /// Looks at resources of this kind: batched where the service allows, an answer a look, in the same order.
    fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> impl Future<Output = Vec<Result<Seen<Self>, Error>>> + Send;

    /// Makes exactly one call that is not repeatable, and gives the new id.
    ///
    /// # Errors
    /// The classified error.
    fn create(aws: &Aws, call: Creation<Self>) -> impl Future<Output = Result<CloudId, Error>> + Send;

    /// Changes what differs, by calls that may be repeated at any point.
    ///
    /// # Errors
    /// The classified error.
    fn update(aws: &Aws, call: Revision<Self>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Asks for the end of a resource; one that is gone is no error.
    ///
    /// # Errors
    /// The classified error.
    fn delete(aws: &Aws, call: Removal<Self>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The id behind a reference that a call needs.
///
/// # Errors
/// When the resource that it refers to is not known: the engine has called out of order.
pub fn resolve<'a, K: Resource>(
    known: &'a Known,
    reference: &'a Ref<K>,
    operation: &'static str,
) -> Result<&'a str, Error> {
    known.resolve(reference).ok_or_else(|| {
        Error::local("platctl", operation, format!("{reference} is not known yet; it must stand before this"))
    })
}

/// The ids behind references that a call needs.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_all<'a, K: Resource>(
    known: &'a Known,
    references: impl IntoIterator<Item = &'a Ref<K>>,
    operation: &'static str,
) -> Result<Vec<String>, Error> {
    references.into_iter().map(|r| resolve(known, r, operation).map(str::to_owned)).collect()
}

/// `Ok` for what is gone already.
///
/// # Errors
/// Any other error.
pub fn gone_is_fine<T>(result: Result<T, Error>) -> Result<(), Error> {
    match result {
        Err(error) if error.class == crate::provider::Class::NotFound => Ok(()),
        other => other.map(|_| ()),
    }
}
