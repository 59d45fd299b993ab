//! `images status`: what `images build` would do, found without compiling.

use serde_json::json;

use super::args::StatusArgs;
use super::prepare::{report, services, store};
use super::problem::image_problem;
use crate::cli::DONE;
use crate::cli::context::Context;
use crate::image::{Verdict, survey};
use crate::ui::{Problem, few};

pub(super) async fn run(context: &Context, args: &StatusArgs) -> Result<u8, Problem> {
    let environment = context.environment_with_images(&args.choice.environment.environment)?;
    let store = store(context);
    let mut found = Vec::new();
    for service in services(context, &environment, &args.choice)? {
        let survey = survey(&service, &store).await.map_err(|error| image_problem(&error))?;
        let changed = match &survey.verdict {
            Verdict::Changed(what) => what.clone(),
            Verdict::Unchanged | Verdict::New => Vec::new(),
        };
        if !context.printer.json() {
            let what = match &survey.verdict {
                Verdict::Unchanged => "unchanged".to_owned(),
                Verdict::New => "build (nothing is kept of it)".to_owned(),
                Verdict::Changed(what) => format!("rebuild (changed: {})", few(what)),
            };
            context.printer.data(&format!("{}: {what}", service.name));
        }
        found.push(json!({
            "service": service.name,
            "fingerprint": survey.fingerprint,
            "unchanged": survey.verdict == Verdict::Unchanged,
            "changed": changed,
        }));
    }
    if context.printer.json() {
        context.printer.data_json(&report(found));
    }
    Ok(DONE)
}
