//! Content for what a plan makes: too large for a plan, and named by it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::Error;
use super::aws::ecr::Scan;
use crate::model::{Address, Readiness};

/// What is delivered, sooner or later.
pub type Delivered<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// An image that was built, ready to be pushed.
pub trait Delivery: Send + Sync {
    /// Its digest (`sha256:…`).
    fn digest(&self) -> &str;

    /// Sees to it that a repository holds it under its tags, with all that is attached to it; `marker` is one more
    /// tag, put last: where it stands, all the rest is there. Repeatable at any point.
    fn deliver<'a>(&'a self, repository: &'a str, marker: &'a str) -> Delivered<'a>;
}

/// Judges the registry's scan of an image.
pub trait ScanGate: Send + Sync {
    /// Whether the image may be used: [`Readiness::Pending`] while the scan goes on, [`Readiness::Failed`] with the
    /// findings when they stop it. `image` names it for people.
    fn judge(&self, image: &str, scan: &Scan) -> Readiness;
}

/// Content by the address of the resource that it is for. The spec of that resource names it by digest, and a provider
/// takes no other: what was planned is what is made.
#[derive(Clone, Default)]
pub struct Supply {
    /// What is to be pushed.
    pub images: BTreeMap<Address, Arc<dyn Delivery>>,
    /// What images have to pass before they count as ready.
    pub gate: Option<Arc<dyn ScanGate>>,
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supply").field("images", &self.images.keys()).finish_non_exhaustive()
    }
}

impl Supply {
    /// The image for an address, if it is the one of this digest.
    pub fn image(&self, address: &Address, digest: &str) -> Option<&dyn Delivery> {
        self.images.get(address).map(AsRef::as_ref).filter(|image| image.digest() == digest)
    }
}
