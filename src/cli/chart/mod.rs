//! `chart`: render, lint and update Helm charts without Helm.
//!
//! `chart render` takes what `helm template` takes and prints what it prints.

mod args;
mod deps;
mod lint;
mod problem;
mod render;
mod run;
mod source;
mod values;
mod world;

pub use args::{ChartCommand, DepsCommand, LintArgs, RenderArgs, SourceArgs, UpdateArgs, ValuesArgs};
pub use problem::{ChartProblem, Fault};
pub use run::{ChartReport, run};
pub use world::World;
