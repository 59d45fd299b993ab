//! `validate`: everything that is wrong with the environments' files, and nothing touched.

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::{DONE, USAGE};
use crate::config::{self, Findings, Loaded};
use crate::{blueprint, ui::Problem};

/// Find everything that is wrong with environments' files, and touch nothing.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// The environments; all of them when none is named
    #[arg(value_name = "ENV", conflicts_with = "all")]
    environments: Vec<String>,
    /// All environments, also side by side: ranges that overlap
    #[arg(long)]
    all: bool,
}

pub(super) fn run(context: &Context, args: &ValidateArgs) -> Result<u8, Problem> {
    let files = context.files();
    let all = args.all || args.environments.is_empty();
    let names = if all { config::environments(&files) } else { Ok(args.environments.clone()) };
    let result = names.and_then(|names| config::load_all(&files, &names));
    let (loaded, findings) = match result {
        Ok(loaded) => {
            let mut findings = Findings::default();
            loaded.iter().for_each(|environment| findings.absorb(environment.warnings.clone()));
            (loaded, findings)
        }
        Err(findings) => (Vec::new(), findings),
    };
    tell(context, &loaded, &findings);
    Ok(if findings.has_errors() { USAGE } else { DONE })
}

fn tell(context: &Context, loaded: &[Loaded], findings: &Findings) {
    let printer = &context.printer;
    let right = |environment: &Loaded| {
        let resources = blueprint::expand(&environment.platform).resources.len();
        (environment.platform.environment.clone(), resources)
    };
    let right: Vec<(String, usize)> = loaded.iter().map(right).collect();
    if printer.json() {
        let environments: Vec<_> =
            right.iter().map(|(name, count)| json!({"environment": name, "resources": count})).collect();
        let found = &findings.to_json()["findings"];
        printer.data_json(&json!({
            "schema": "platctl/validate", "version": 1, "valid": !findings.has_errors(),
            "environments": environments, "findings": found,
        }));
        return;
    }
    if !findings.is_empty() {
        printer.say(&findings.render(context.style()));
    }
    for (name, resources) in right {
        printer.data(&format!("{name}: right, {resources} resources"));
    }
}
