//! The charts of others that environments are made with: pinned by version and digest, and fetched once.

use std::path::Path;

use super::USAGE;
use super::chart::World;
use super::connect::{Connection, clusters};
use super::context::{Context, Environment};
use crate::chart::Chart;
use crate::chart::load::from_archive;
use crate::provider::charts::{Cache, Charts, DockerConfig, FetchError, Settings, load_path};
use crate::ui::Problem;

/// The load balancer controller's, of <https://github.com/aws/eks-charts>; the digest is the one of that repository's
/// `index.yaml`. Its rights are `blueprint::permissions::balance_load`, which a newer one may need more of.
const CONTROLLER: &str = "https://aws.github.io/eks-charts/aws-load-balancer-controller-1.17.1.tgz";
const CONTROLLER_NAME: &str = "aws-load-balancer-controller";
const CONTROLLER_DIGEST: &str = "sha256:51ed62aa261a1f5db8e51161641354cbcc5bbdc5a56f628bf0983f5588dec7c0";

/// The load balancer controller's chart, if it was fetched before.
pub(super) fn controller() -> Option<Chart> {
    let bytes = Cache::new(World::from_process().cache).bytes(CONTROLLER_DIGEST)?;
    from_archive(&bytes).ok()
}

/// The chart of the environment's own that takes the place of the load balancer controller's.
pub(super) fn own(path: &Path) -> Result<Chart, Problem> {
    let hint = "[components.load_balancer_controller] chart names it, by its path from environments/";
    let chart = load_path(path).map_err(|error| Problem::from_error(USAGE, &error).hint(hint))?;
    if chart.name() == CONTROLLER_NAME {
        return Ok(chart);
    }
    let message = format!("the chart in {} is {}, and not {CONTROLLER_NAME}", path.display(), chart.name());
    Err(Problem::new(USAGE, message).hint(hint))
}

/// Fetches what the environment lacks, and works it out again; without it, it stays as it was worked out.
pub(super) async fn bring(
    context: &Context,
    environment: Environment,
    connection: Connection,
) -> Result<(Environment, Connection), Problem> {
    if !environment.lacks_chart {
        return Ok((environment, connection));
    }
    context.printer.say("fetching the chart of the load balancer controller (once)");
    if let Err(error) = fetch().await {
        let problem = Problem::from_error(super::FAILED, &error);
        let why = problem.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
        context.printer.warn(&format!("{}{why}", problem.message));
        return Ok((environment, connection));
    }
    let environment = context.again(environment)?;
    let clusters = clusters(&environment, connection.read_account());
    Ok((environment, Connection { clusters, ..connection }))
}

async fn fetch() -> Result<(), FetchError> {
    let world = World::from_process();
    let docker = DockerConfig::load(&world.docker_config)?;
    let settings = Settings { cache: world.cache, docker, ..Settings::default() };
    Charts::new(settings)?.pinned(CONTROLLER, CONTROLLER_DIGEST).await.map(drop)
}
