//! `chart render`.

use super::args::RenderArgs;
use super::problem::ChartProblem;
use super::run::ChartReport;
use super::world::{Clustered, World};
use super::{source, values};
use crate::chart::capabilities;
use crate::chart::render::{OutputOptions, Release, RenderOptions, missing_dependencies, render};
use crate::chart::template;
use crate::provider::kube::{Access, Cluster};

/// The name `helm template` gives a release that has none.
const DEFAULT_NAME: &str = "release-name";
/// Longer names would not fit the labels Helm puts them into.
const LONGEST_NAME: usize = 53;

pub(super) async fn run(args: &RenderArgs, world: &World) -> Result<ChartReport, ChartProblem> {
    let (name, chart) = name_and_chart(args)?;
    let charts = source::fetcher(&args.source, world)?;
    let given = values::read(&args.values, &charts).await?;
    let chart = source::load(chart, &args.source, &charts).await?;
    let missing: Vec<String> = missing_dependencies(&chart).into_iter().map(str::to_owned).collect();
    if !missing.is_empty() {
        return Err(ChartProblem::Missing(missing));
    }
    let mut notices = Vec::new();
    if chart.metadata.deprecated {
        notices.push("this chart is deprecated".to_owned());
    }
    let options = RenderOptions {
        release: Release {
            name: name.to_owned(),
            namespace: args.namespace.clone(),
            revision: 1,
            is_upgrade: args.is_upgrade,
        },
        capabilities: capabilities::with(args.kube_version.as_deref(), &args.api_versions)?,
        skip_schema: args.skip_schema_validation,
        crds: args.include_crds,
        subchart_notes: false,
        templates: template::Options { dns: args.enable_dns, ..template::Options::default() },
    };
    let rendered = match &args.kube_context {
        None => render(chart, &given, &options, world)?,
        Some(context) => {
            let access = Access::Context { file: args.kubeconfig.clone(), context: context.clone() };
            let cluster = Cluster::new(access);
            let runtime = tokio::runtime::Handle::current();
            let host = Clustered { world, cluster, runtime };
            tokio::task::block_in_place(|| render(chart, &given, &options, &host))?
        }
    };
    notices.extend(rendered.warnings.iter().map(|warning| warning.0.clone()));
    notices.dedup();
    if args.notes && !rendered.notes.trim().is_empty() {
        notices.push(rendered.notes.clone());
    }
    let output = OutputOptions {
        crds: args.include_crds,
        no_hooks: args.no_hooks,
        skip_tests: args.skip_tests,
        show_only: args.show_only.clone(),
    };
    Ok(ChartReport { data: rendered.output(&output)?, notices, failed: false })
}

fn name_and_chart(args: &RenderArgs) -> Result<(&str, &str), ChartProblem> {
    let (positional, chart) = match args.name_and_chart.as_slice() {
        [chart] => (None, chart.as_str()),
        [name, chart] => (Some(name.as_str()), chart.as_str()),
        _ => return Err(ChartProblem::Usage("one chart, with or without a name before it".to_owned())),
    };
    if positional.is_some() && args.name.is_some() {
        return Err(ChartProblem::Usage("the release's name is given twice".to_owned()));
    }
    let name = positional.or(args.name.as_deref()).unwrap_or(DEFAULT_NAME);
    if is_release_name(name) {
        Ok((name, chart))
    } else {
        Err(ChartProblem::Usage(format!(
            "release name {name:?} is invalid: lower-case letters, digits, hyphens and dots, at most {LONGEST_NAME}"
        )))
    }
}

fn is_release_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= LONGEST_NAME
        && name.split('.').all(|part| {
            part.bytes().all(|byte| inner(byte) || byte == b'-')
                && part.bytes().next().is_some_and(inner)
                && part.bytes().next_back().is_some_and(inner)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_names_are_checked_as_helm_checks_them() {
        for name in ["a", "a-b.c1", "release-name", "1"] {
            assert!(is_release_name(name), "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a-", "a..b", &"a".repeat(54)] {
            assert!(!is_release_name(name), "{name}");
        }
    }
}
