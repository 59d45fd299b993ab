//! One entry for all verbs.

use super::args::{ChartCommand, DepsCommand};
use super::problem::ChartProblem;
use super::world::World;
use super::{deps, lint, render};

/// What a verb has to say; printing it is the caller's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChartReport {
    /// For standard output.
    pub data: String,
    /// For people: warnings, what was done.
    pub notices: Vec<String>,
    /// Whether the verb ran but what it looked at is not in order.
    pub failed: bool,
}

/// Runs a verb in `world`.
///
/// # Errors
/// The verb could not run.
pub async fn run(command: &ChartCommand, world: &World) -> Result<ChartReport, ChartProblem> {
    match command {
        ChartCommand::Render(args) => render::run(args, world).await,
        ChartCommand::Lint(args) => lint::run(args, world).await,
        ChartCommand::Deps(DepsCommand::Update(args)) => deps::update(args, world).await,
    }
}
