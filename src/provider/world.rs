//! All that a plan may touch: AWS, and the releases of clusters.

use std::sync::Arc;

use super::aws::{Aws, ReadOnly};
use super::release::{Clusters, Coming, Trial, Tried};
use super::{Create, Delete, Error, Look, Observe, Observed, Provider, Update};
use crate::model::{Address, CloudId, Kind, Known};

/// All that a plan may touch. Cheap to clone.
#[derive(Clone)]
pub struct World {
    aws: Aws,
    clusters: Option<Clusters>,
}

impl World {
    /// AWS, and the releases of clusters, where there may be any.
    pub fn new(aws: Aws, clusters: Option<Clusters>) -> Self {
        Self { aws, clusters }
    }

    /// The half that only reads.
    pub fn reader(&self) -> WorldReader {
        WorldReader { aws: ReadOnly::new(self.aws.clone()), clusters: self.clusters.clone() }
    }
}

/// All that a plan looks at, and nothing that could change any of it.
#[derive(Clone)]
pub struct WorldReader {
    aws: ReadOnly,
    /// Only looked at: nothing of this type gives them away.
    clusters: Option<Clusters>,
}

impl WorldReader {
    /// The part of it that is AWS.
    pub fn aws(&self) -> &ReadOnly {
        &self.aws
    }

    /// Has the clusters try what a plan would write. Nothing is written.
    ///
    /// # Errors
    /// The classified error of a call that says nothing of an object.
    pub async fn try_all(&self, trials: &[Trial], coming: &Coming, known: &Known) -> Result<Tried, Error> {
        match &self.clusters {
            Some(clusters) => clusters.try_all(trials, coming, known).await,
            None => Ok(Tried::default()),
        }
    }
}

fn is_in_cluster(kind: Kind) -> bool {
    kind == Kind::Release
}

fn no_cluster(address: &Address, operation: &'static str) -> Error {
    Error::local("kubernetes", operation, format!("there is no cluster that {address} could be in"))
}

/// Looks at each where it lives, and puts the answers back into the order of the looks.
async fn observe<A: Observe>(
    aws: &A,
    clusters: Option<&Clusters>,
    looks: Vec<Look>,
    known: Arc<Known>,
) -> Vec<Result<Observed, Error>> {
    let in_cluster: Vec<bool> = looks.iter().map(|look| is_in_cluster(look.address.kind)).collect();
    let (theirs, aws_looks): (Vec<Look>, Vec<Look>) =
        looks.into_iter().partition(|look| is_in_cluster(look.address.kind));
    let from_cluster = async {
        match clusters {
            Some(clusters) => clusters.observe(theirs, Arc::clone(&known)).await,
            None => theirs.iter().map(|look| Err(no_cluster(&look.address, "observe"))).collect(),
        }
    };
    let from_aws = aws.observe(aws_looks, Arc::clone(&known));
    let (from_cluster, from_aws) = futures_util::join!(from_cluster, from_aws);
    let (mut from_cluster, mut from_aws) = (from_cluster.into_iter(), from_aws.into_iter());
    let lost =
        || Err(Error::local("platctl", "observe", "a provider gave fewer answers than there were looks"));
    let mut next = |in_cluster: bool| if in_cluster { from_cluster.next() } else { from_aws.next() };
    in_cluster.into_iter().map(|in_cluster| next(in_cluster).unwrap_or_else(lost)).collect()
}

impl Observe for World {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Result<Observed, Error>> {
        observe(&self.aws, self.clusters.as_ref(), looks, known).await
    }
}

impl Observe for WorldReader {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Result<Observed, Error>> {
        observe(&self.aws, self.clusters.as_ref(), looks, known).await
    }
}

impl World {
    fn clusters(&self, address: &Address, operation: &'static str) -> Result<&Clusters, Error> {
        self.clusters.as_ref().ok_or_else(|| no_cluster(address, operation))
    }
}

impl Provider for World {
    async fn create(&self, call: Create) -> Result<CloudId, Error> {
        match is_in_cluster(call.address.kind) {
            true => self.clusters(&call.address, "create")?.create(call).await,
            false => self.aws.create(call).await,
        }
    }

    async fn update(&self, call: Update) -> Result<(), Error> {
        match is_in_cluster(call.address.kind) {
            true => self.clusters(&call.address, "update")?.update(call).await,
            false => self.aws.update(call).await,
        }
    }

    async fn delete(&self, call: Delete) -> Result<(), Error> {
        match is_in_cluster(call.address.kind) {
            true => self.clusters(&call.address, "delete")?.delete(call).await,
            false => self.aws.delete(call).await,
        }
    }
}
