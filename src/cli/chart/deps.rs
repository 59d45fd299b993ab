//! `chart deps`.

use super::args::{SourceArgs, UpdateArgs};
use super::problem::ChartProblem;
use super::run::ChartReport;
use super::source;
use super::world::World;
use crate::provider::charts;

pub(super) async fn update(args: &UpdateArgs, world: &World) -> Result<ChartReport, ChartProblem> {
    let source = SourceArgs { plain_http: args.plain_http, offline: args.offline, ..SourceArgs::default() };
    let fetcher = source::fetcher(&source, world)?;
    let updated = charts::update(&fetcher, &args.chart, &world.now.to_string()).await?;
    let mut notices: Vec<String> =
        updated.archives.iter().map(|archive| format!("charts/{archive}")).collect();
    notices.extend(updated.vendored.iter().map(|name| format!("charts/{name} is kept as it is")));
    notices.extend(updated.removed.iter().map(|archive| format!("charts/{archive} is taken away")));
    notices.push(
        if updated.lock_changed { "the lock file is written" } else { "the lock file stays" }.to_owned(),
    );
    Ok(ChartReport { data: String::new(), notices, failed: false })
}
