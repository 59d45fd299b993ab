//! The releases of one cluster: with which charts and by which rules they are brought into it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::deploy::{deploy, next};
use super::error::DeployError;
use super::made::Made;
use super::records;
use super::remove::remove;
use crate::chart::Chart;
use crate::model::CloudId;
use crate::model::kubernetes::{Color, Release};
use crate::provider::kube::Cluster;
use crate::provider::{Class, Error};
use crate::release::{Rendering, RenderingError, Subject, render, render_on};

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
pub(super) struct Releases {
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
    /// The releases of a cluster.
    pub(super) fn new(cluster: Cluster, charts: Arc<Charts>, rules: Arc<Rules>) -> Self {
        Self { cluster, charts, rules }
    }

    /// The chart of a release; nothing when it is one that this run knows nothing of.
    pub(super) fn chart(&self, of: &Release) -> Option<&Chart> {
        self.charts.get(&of.chart)
    }

    /// A release, rendered as for a plan; nothing when its chart is not at hand.
    pub(super) fn render(&self, of: &Release) -> Option<Result<Rendering, RenderingError>> {
        let chart = self.chart(of)?;
        Some(render(chart, self.subject(of), of.values.value(), &of.makes_once))
    }

    /// A release, rendered with what it once made; nothing when its chart is not at hand.
    pub(super) fn render_with(&self, of: &Release, made: &Made) -> Option<Result<Rendering, RenderingError>> {
        if of.makes_once.is_empty() {
            return self.render(of);
        }
        let chart = self.chart(of)?;
        Some(render_on(chart, self.subject(of), of.values.value(), made))
    }

    /// A release whose pods have a colour, in one; nothing when its chart is not at hand.
    pub(super) fn render_in(&self, of: &Release, color: Color) -> Option<Result<Rendering, RenderingError>> {
        let chart = self.chart(of)?;
        let mut values = of.values.value().clone();
        values["color"] = color.name().into();
        Some(render(chart, self.subject(of), &values, &of.makes_once))
    }

    fn subject<'a>(&'a self, of: &'a Release) -> Subject<'a> {
        Subject { name: &of.name, namespace: &of.namespace, kubernetes: &self.rules.kubernetes }
    }

    /// Records the first revision, pending. Nothing is applied yet.
    pub(super) async fn create(&self, release: &Release) -> Result<CloudId, Error> {
        let now = Timestamp::now();
        let (revision, _) = next(self, release, &[], now).await.map_err(told)?;
        // Before anything is touched: what no Secret can hold is refused here.
        records::check(&revision, now.as_second()).map_err(told)?;
        self.cluster.ensure_namespace(&release.namespace).await?;
        records::create(&self.cluster, &revision, now.as_second()).await.map_err(told)?;
        Ok(CloudId::new(format!("{}/{}", release.namespace, release.name)))
    }

    pub(super) async fn deploy(&self, release: &Release) -> Result<(), Error> {
        deploy(self, release).await.map_err(told)
    }

    pub(super) async fn remove(&self, release: &Release) -> Result<(), Error> {
        remove(self, release).await.map_err(told)
    }
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
