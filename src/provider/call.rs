//! The calls that a provider answers.

use std::future::Future;
use std::sync::Arc;

use super::Error;
use crate::model::{Address, Change, CloudId, Known, Observed, Spec};

/// One resource to be looked at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Its address, which is also the value of its ownership tag.
    pub address: Address,
    /// Its id, where it is recorded. Without one it is looked for by tag or name, and only what carries the
    /// environment's tag (where the kind can carry one) counts.
    pub id: Option<CloudId>,
    /// What is wanted of it, or what was: where its names, zone, parent and such are read.
    pub spec: Spec,
}

/// One create call.
#[derive(Clone, Debug)]
pub struct Create {
    /// The address, to be tagged.
    pub address: Address,
    /// What is wanted, every placeholder resolved.
    pub spec: Spec,
    /// The client token, the same at every repetition of this create (32 hexadecimal digits).
    pub token: String,
    /// Ids and outputs of everything that the spec refers to.
    pub known: Arc<Known>,
}

/// One round of making a resource as it should be.
#[derive(Clone, Debug)]
pub struct Update {
    /// The address.
    pub address: Address,
    /// Its id.
    pub id: CloudId,
    /// What is wanted, every placeholder resolved.
    pub spec: Spec,
    /// What is there, references turned into managed ones.
    pub live: Spec,
    /// What differs. Everything in it is to be changed, or, where the service takes one change at a time, a
    /// part of it: rounds go on until nothing differs.
    pub changes: Vec<Change>,
    /// Ids and outputs of everything that the spec and what is there refer to.
    pub known: Arc<Known>,
}

/// One delete call.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The address.
    pub address: Address,
    /// Its id.
    pub id: CloudId,
    /// What was recorded of it.
    pub spec: Spec,
    /// Ids and outputs of everything that the spec refers to.
    pub known: Arc<Known>,
}

/// Reads.
pub trait Observe: Send + Sync + 'static {
    /// Looks at resources, batched as the services allow; an answer a look, in the same order.
    ///
    /// `known` holds the parents of the looks that need one; a look whose parent is not known there is absent.
    fn observe(
        &self,
        looks: Vec<Look>,
        known: Arc<Known>,
    ) -> impl Future<Output = Vec<Result<Observed, Error>>> + Send;
}

/// Reads and changes.
pub trait Provider: Observe {
    /// Makes exactly one call that is not repeatable, and gives the new id. All else (attributes, attachments,
    /// rules) is left to `update`.
    ///
    /// # Errors
    /// The classified error. [`Conflict`](super::Class::Conflict) when it exists already;
    /// [`Unanswered`](super::Class::Unanswered) when it is not known whether it took effect.
    fn create(&self, call: Create) -> impl Future<Output = Result<CloudId, Error>> + Send;

    /// Changes a resource towards its spec, and returns when the calls are made; the engine waits for the rest.
    /// Repeatable at any point.
    ///
    /// # Errors
    /// The classified error.
    fn update(&self, call: Update) -> impl Future<Output = Result<(), Error>> + Send;

    /// Asks for the end of a resource; the engine waits until it is gone. One that is gone already is no error.
    ///
    /// # Errors
    /// The classified error; [`DependencyViolation`](super::Class::DependencyViolation) while something is still in
    /// the way.
    fn delete(&self, call: Delete) -> impl Future<Output = Result<(), Error>> + Send;
}
