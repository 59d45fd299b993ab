//! The provider of releases, in whichever cluster each of them is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Mutex;

use super::look::look;
use super::releases::{Charts, Releases, Rules};
use crate::model::kubernetes::Release;
use crate::model::{CloudId, Known, Spec};
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::provider::kube::{Access, Cluster};
use crate::provider::{Create, Delete, Error, Look, Observe, Observed, Provider, Update};

/// How long a new cluster's API may take to be reached.
const REACHED_WITHIN: Duration = Duration::from_secs(120);

/// The clusters that an environment's releases may be in: one that exists already, and those that the same graph makes.
/// Where one of ours is, and whether it is, is asked when it is needed: it may have been made a moment ago. Cheap to
/// clone.
#[derive(Clone)]
pub struct Clusters {
    existing: Option<Cluster>,
    aws: Option<ReadOnly>,
    charts: Arc<Charts>,
    rules: Arc<Rules>,
    /// Those that were reached, by name, and where they were.
    reached: Arc<Mutex<BTreeMap<String, (ClusterPlace, Cluster)>>>,
}

impl Clusters {
    /// The cluster that exists already, where the environment names one, and those of an account.
    pub fn new(existing: Option<Cluster>, aws: Option<ReadOnly>, charts: Charts, rules: Rules) -> Self {
        let (charts, rules) = (Arc::new(charts), Arc::new(rules));
        Self { existing, aws, charts, rules, reached: Arc::default() }
    }

    /// The same, taking what others own where that is asked for, and waiting so long.
    #[must_use]
    pub fn with(mut self, force_conflicts: bool, patience: Duration) -> Self {
        self.rules = Arc::new(Rules { force_conflicts, patience, ..(*self.rules).clone() });
        self
    }

    /// The cluster of ours that a release is in, if it stands.
    ///
    /// # Errors
    /// The classified error.
    async fn ours(&self, name: &str) -> Result<Option<Cluster>, Error> {
        let Some(aws) = &self.aws else { return Ok(None) };
        let Some(place) = aws.cluster_place(name).await? else { return Ok(None) };
        let mut reached = self.reached.lock().await;
        if let Some((_, cluster)) = reached.get(name).filter(|(known, _)| *known == place) {
            return Ok(Some(cluster.clone()));
        }
        let access = Access::Eks { reader: aws.clone(), name: name.to_owned(), place: place.clone() };
        let cluster = Cluster::new(access);
        reached.insert(name.to_owned(), (place, cluster.clone()));
        Ok(Some(cluster))
    }

    async fn cluster_of(&self, release: &Release, known: &Known) -> Result<Option<Cluster>, Error> {
        match &release.cluster {
            None => Ok(self.existing.clone()),
            Some(cluster) => match known.resolve(cluster) {
                Some(name) => self.ours(name).await,
                None => Ok(None),
            },
        }
    }

    fn releases(&self, cluster: Cluster) -> Releases {
        Releases::new(cluster, Arc::clone(&self.charts), Arc::clone(&self.rules))
    }

    /// The releases of the cluster that a release is in, if it stands.
    pub(super) async fn releases_of(
        &self,
        release: &Release,
        known: &Known,
    ) -> Result<Option<Releases>, Error> {
        Ok(self.cluster_of(release, known).await?.map(|cluster| self.releases(cluster)))
    }

    async fn in_cluster(
        &self,
        spec: Spec,
        known: &Known,
        operation: &'static str,
    ) -> Result<(Releases, Release), Error> {
        let Spec::Release(release) = spec else { return Err(foreign(&spec, operation)) };
        let cluster = self.cluster_of(&release, known).await?;
        let cluster = cluster.ok_or_else(|| no_cluster(&release, operation))?;
        Ok((self.releases(cluster), *release))
    }

    async fn observe_one(&self, sought: Look, known: &Known) -> Result<Observed, Error> {
        let Spec::Release(release) = sought.spec else { return Err(foreign(&sought.spec, "observe")) };
        match self.cluster_of(&release, known).await? {
            Some(cluster) => look(&self.releases(cluster), *release, known).await,
            // What is in a cluster goes with it, and is not before it.
            None if release.cluster.is_some() => Ok(Observed::Absent),
            None => Err(no_cluster(&release, "observe")),
        }
    }
}

impl Observe for Clusters {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Result<Observed, Error>> {
        join_all(looks.into_iter().map(|sought| self.observe_one(sought, &known))).await
    }
}

impl Provider for Clusters {
    /// Records the first revision, pending: a second one of its name is refused. Nothing is applied yet.
    async fn create(&self, call: Create) -> Result<CloudId, Error> {
        let (releases, release) = self.in_cluster(call.spec, &call.known, "create").await?;
        if release.cluster.is_some() {
            releases.cluster.wait_reachable(REACHED_WITHIN).await?;
        }
        releases.create(&release).await
    }

    async fn update(&self, call: Update) -> Result<(), Error> {
        let (releases, release) = self.in_cluster(call.spec, &call.known, "update").await?;
        releases.deploy(&release).await
    }

    async fn delete(&self, call: Delete) -> Result<(), Error> {
        let (releases, release) = self.in_cluster(call.spec, &call.known, "delete").await?;
        releases.remove(&release).await
    }
}

fn no_cluster(release: &Release, operation: &'static str) -> Error {
    let message = match &release.cluster {
        Some(cluster) => format!("{cluster} does not stand, so release {} cannot be in it", release.name),
        None => format!("there is no cluster that release {} could be in", release.name),
    };
    Error::local("kubernetes", operation, message)
}

fn foreign(spec: &Spec, operation: &'static str) -> Error {
    Error::local(
        "kubernetes",
        operation,
        format!("{} is not of a kind that lives in a cluster", spec.kind().as_str()),
    )
}
