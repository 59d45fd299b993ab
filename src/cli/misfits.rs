//! What Kubernetes would refuse of what a plan deploys, told before anything is made.

use super::USAGE;
use super::context::{Context, Environment};
use crate::model::Action;
use crate::plan::Plan;
use crate::release;
use crate::ui::Problem;

/// Checks the objects of the releases that a plan writes.
pub(super) fn refuse(context: &Context, environment: &Environment, plan: &Plan) -> Result<(), Problem> {
    let written = |address: &_| {
        let is_written = |action| match action {
            Action::Create | Action::Update | Action::Replace | Action::Adopt => true,
            Action::NoOp | Action::Delete | Action::Forget => false,
        };
        plan.steps.iter().any(|step| step.address == *address && is_written(step.action))
    };
    let kubernetes = &environment.loaded.platform.settings.cluster.version;
    let misfits = release::misfits(&environment.renderings, kubernetes, &written);
    if !misfits.unjudged.is_empty() && context.global.verbose > 0 {
        let kinds: Vec<String> = misfits.unjudged.into_iter().collect();
        context.printer.say(&format!("of unknown kinds, and not checked: {}", kinds.join(", ")));
    }
    if misfits.found.is_empty() {
        return Ok(());
    }
    let count = match misfits.found.len() {
        1 => "a field".to_owned(),
        more => format!("{more} fields"),
    };
    let mut problem = Problem::new(USAGE, format!("Kubernetes would refuse {count} of what is deployed"));
    problem.causes = misfits.found.iter().map(|(address, finding)| format!("{address}: {finding}")).collect();
    Err(problem
        .hint("what a chart gives comes from the settings and the `values` in the environment's file")
        .hint("nothing was touched"))
}
