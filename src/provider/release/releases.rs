//! The provider of releases.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::deploy::{deploy, next};
use super::error::DeployError;
use super::look::look;
use super::records;
use super::remove::remove;
use crate::chart::Chart;
use crate::model::kubernetes::Release;
use crate::model::{CloudId, Known, Spec};
use crate::provider::kube::Cluster;
use crate::provider::{Class, Create, Delete, Error, Look, Observe, Observed, Provider, Update};
use crate::release::{Rendering, RenderingError, Subject, render};

/// The charts that releases are made of, by `name-version`: what no plan and no state can hold.
#[derive(Clone, Debug, Default)]
pub struct Charts(BTreeMap<String, Arc<Chart>>);

impl FromIterator<Chart> for Charts {
    fn from_iter<I: IntoIterator<Item = Chart>>(charts: I) -> Self {
        Self(charts.into_iter().map(|chart| (chart.label(), Arc::new(chart))).collect())
    }
}

impl Charts {
    /// A chart.
    pub fn get(&self, name: &str) -> Option<&Chart> {
        self.0.get(name).map(AsRef::as_ref)
    }
}

/// How releases are deployed.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The Kubernetes that charts are told of.
    pub kubernetes: String,
    /// Takes what others own.
    pub force_conflicts: bool,
    /// How long the objects of a stage may take to be ready.
    pub patience: Duration,
    /// How many revisions are kept.
    pub keep: usize,
}

/// The releases of one cluster. Cheap to clone.
#[derive(Clone)]
pub struct Releases {
    pub(super) cluster: Cluster,
    charts: Arc<Charts>,
    pub(super) rules: Arc<Rules>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            kubernetes: "1.33".to_owned(),
            force_conflicts: false,
            patience: Duration::from_secs(300),
            keep: 10,
        }
    }
}

impl Releases {
    /// The same, taking what others own where that is asked for, and waiting so long.
    #[must_use]
    pub fn with(mut self, force_conflicts: bool, patience: Duration) -> Self {
        self.rules = Arc::new(Rules { force_conflicts, patience, ..(*self.rules).clone() });
        self
    }

    /// The releases of a cluster.
    pub fn new(cluster: Cluster, charts: Charts, rules: Rules) -> Self {
        Self { cluster, charts: Arc::new(charts), rules: Arc::new(rules) }
    }

    /// The chart of a release; nothing when it is one that this run knows nothing of.
    pub(super) fn chart(&self, of: &Release) -> Option<&Chart> {
        self.charts.get(&of.chart)
    }

    /// A release, rendered; nothing when its chart is not at hand.
    pub(super) fn render(&self, of: &Release) -> Option<Result<Rendering, RenderingError>> {
        let chart = self.chart(of)?;
        let subject =
            Subject { name: &of.name, namespace: &of.namespace, kubernetes: &self.rules.kubernetes };
        Some(render(chart, subject, of.values.value()))
    }
}

impl Observe for Releases {
    async fn observe(&self, looks: Vec<Look>, _: Arc<Known>) -> Vec<Result<Observed, Error>> {
        let looks = looks.into_iter().map(|sought| async move {
            match sought.spec {
                Spec::Release(release) => look(self, *release).await,
                other => Err(foreign(&other, "observe")),
            }
        });
        join_all(looks).await
    }
}

impl Provider for Releases {
    /// Records the first revision, pending: a second one of its name is refused. Nothing is applied yet.
    async fn create(&self, call: Create) -> Result<CloudId, Error> {
        let Spec::Release(release) = call.spec else { return Err(foreign(&call.spec, "create")) };
        let now = Timestamp::now();
        let (revision, _) = next(self, &release, &[], now).map_err(told)?;
        // Before anything is touched: what no Secret can hold is refused here.
        records::check(&revision, now.as_second()).map_err(told)?;
        self.cluster.ensure_namespace(&release.namespace).await?;
        records::create(&self.cluster, &revision, now.as_second()).await.map_err(told)?;
        Ok(CloudId::new(format!("{}/{}", release.namespace, release.name)))
    }

    async fn update(&self, call: Update) -> Result<(), Error> {
        let Spec::Release(release) = call.spec else { return Err(foreign(&call.spec, "update")) };
        deploy(self, &release).await.map_err(told)
    }

    async fn delete(&self, call: Delete) -> Result<(), Error> {
        let Spec::Release(release) = call.spec else { return Err(foreign(&call.spec, "delete")) };
        remove(self, &release).await.map_err(told)
    }
}

fn foreign(spec: &Spec, operation: &'static str) -> Error {
    Error::local(
        "kubernetes",
        operation,
        format!("{} is not of a kind that lives in a cluster", spec.kind().as_str()),
    )
}

/// An error of a release as one of a call, with all that a person needs in its message.
pub(super) fn told(error: DeployError) -> Error {
    let class = match &error {
        DeployError::Call(call) => return call.clone(),
        DeployError::Raced(_) => Class::Conflict,
        DeployError::Apply(errors) if errors.iter().any(crate::provider::kube::ApplyError::is_denied) => {
            Class::Denied
        }
        _ => Class::Invalid,
    };
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    for detail in error.details() {
        message.push_str("\n  ");
        message.push_str(&detail.replace('\n', "\n  "));
    }
    Error { class, ..Error::local("kubernetes", "deploy", message) }
}
