//! From releases that name a chart to releases whose objects a plan can show.

use std::collections::BTreeMap;

use super::builtin::Builtin;
use super::rendering::{Rendering, RenderingError, Subject, render};
use crate::chart::Chart;
use crate::chart::load::LoadError;
use crate::model::{Address, Desired, Spec};

/// A release that cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// There is no such chart.
    #[error("{release} names the chart {chart}, which neither comes with platctl nor was fetched")]
    NoChart {
        /// The release.
        release: String,
        /// The chart.
        chart: String,
    },
    /// The chart cannot be loaded.
    #[error("a chart that comes with platctl cannot be loaded")]
    Load(#[from] LoadError),
    /// It cannot be rendered.
    #[error(transparent)]
    Rendering(#[from] RenderingError),
}

/// What no plan holds of releases.
#[derive(Clone, Debug, Default)]
pub struct Completed {
    /// The charts that they are made of.
    pub charts: Vec<Chart>,
    /// Each of them as it was rendered.
    pub renderings: BTreeMap<Address, Rendering>,
}

/// Renders the releases of an environment that are not rendered yet, from the charts that come with platctl and those that
/// were fetched.
///
/// # Errors
/// The first release that cannot be rendered.
pub fn complete(
    desired: &mut Desired,
    kubernetes: &str,
    fetched: &[Chart],
) -> Result<Completed, CompleteError> {
    let mut completed = Completed::default();
    for (address, spec) in &mut desired.resources {
        let Spec::Release(release) = spec else { continue };
        if !release.objects.is_empty() {
            // Taken over from what is recorded, where its chart is not at hand.
            continue;
        }
        let chart = match release.chart.as_str() {
            "namespace" => Builtin::Namespace.chart()?,
            "service" => Builtin::Service.chart()?,
            other => match fetched.iter().find(|chart| chart.name() == other) {
                Some(chart) => chart.clone(),
                None => {
                    let (release, chart) = (release.name.clone(), other.to_owned());
                    return Err(CompleteError::NoChart { release, chart });
                }
            },
        };
        let subject = Subject { name: &release.name, namespace: &release.namespace, kubernetes };
        let rendering = render(&chart, subject, release.values.value(), &release.makes_once)?;
        release.objects = rendering.masked();
        release.chart = chart.label();
        completed.charts.push(chart);
        completed.renderings.insert(address.clone(), rendering);
    }
    Ok(completed)
}
