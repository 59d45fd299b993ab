//! From arguments to a chart.

use super::args::SourceArgs;
use super::problem::ChartProblem;
use super::world::World;
use crate::chart::Chart;
use crate::provider::charts::{Charts, Credential, DockerConfig, Reference, Settings};

/// A fetcher that does as the arguments say.
pub(super) fn fetcher(source: &SourceArgs, world: &World) -> Result<Charts, ChartProblem> {
    let login = source.username.clone().zip(source.password.clone());
    Ok(Charts::new(Settings {
        cache: world.cache.clone(),
        offline: source.offline,
        plain_http: source.plain_http,
        docker: DockerConfig::load(&world.docker_config)?,
        login: login.map(|(user, password)| Credential::Basic { user, password }),
        repositories: Some(world.repositories.clone()),
    })?)
}

/// The chart that `chart` names.
pub(super) async fn load(chart: &str, source: &SourceArgs, charts: &Charts) -> Result<Chart, ChartProblem> {
    let reference = Reference::parse(chart, source.repo.as_deref())?;
    let devel = source.devel.then_some(">0.0.0-0");
    let range = source.version.as_deref().or(devel);
    Ok(charts.load(&reference, range).await?)
}
