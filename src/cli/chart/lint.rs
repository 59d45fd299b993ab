//! `chart lint`.

use super::args::{LintArgs, SourceArgs};
use super::problem::ChartProblem;
use super::run::ChartReport;
use super::world::World;
use super::{source, values};
use crate::chart::capabilities;
use crate::chart::lint::{LintOptions, Severity, lint};
use crate::chart::load::unpack;
use crate::provider::charts::{FetchError, read_folder};

pub(super) async fn run(args: &LintArgs, world: &World) -> Result<ChartReport, ChartProblem> {
    let charts = source::fetcher(&SourceArgs::default(), world)?;
    let given = values::read(&args.values, &charts).await?;
    let options = LintOptions {
        namespace: args.namespace.clone(),
        capabilities: capabilities::with(args.kube_version.as_deref(), &[])?,
        skip_schema: args.skip_schema_validation,
    };
    let (mut data, mut failed) = (String::new(), 0);
    for path in &args.paths {
        let files = if path.is_dir() {
            read_folder(path)?
        } else {
            let bytes =
                std::fs::read(path).map_err(|source| FetchError::Disk { path: path.clone(), source })?;
            unpack(&bytes, &mut Default::default())
                .map_err(|source| FetchError::Load { chart: path.display().to_string(), source })?
        };
        let findings = lint(files, &given, &options, world);
        let limit = if args.strict { Severity::Warning } else { Severity::Error };
        let bad = findings.iter().any(|finding| finding.severity >= limit);
        failed += usize::from(bad);
        data.push_str(&format!("==> Linting {}\n", path.display()));
        for finding in &findings {
            data.push_str(&format!("{finding}\n"));
        }
        data.push('\n');
    }
    data.push_str(&format!("{} chart(s) linted, {failed} chart(s) failed\n", args.paths.len()));
    Ok(ChartReport { data, notices: Vec::new(), failed: failed > 0 })
}
