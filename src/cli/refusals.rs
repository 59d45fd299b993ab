//! What a cluster that is there would refuse of what a plan deploys, told before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use super::connect::call_problem;
use super::context::{Context, Environment};
use super::{CREDENTIALS, FAILED};
use crate::model::{Action, Address, Known, Observed, Spec};
use crate::plan::{Plan, Step};
use crate::provider::WorldReader;
use crate::provider::release::{Coming, Refusal, Trial, Tried};
use crate::ui::Problem;

/// Has the API server try the objects that a plan makes or changes.
pub(super) async fn refuse(
    context: &Context,
    reader: &WorldReader,
    environment: &Environment,
    observed: &BTreeMap<Address, Observed>,
    plan: &Plan,
) -> Result<(), Problem> {
    let known = known(observed);
    let trials: Vec<Trial> = plan.steps.iter().filter_map(|step| trial(step, &known)).collect();
    if trials.is_empty() {
        return Ok(());
    }
    let tried = reader.try_all(&trials, &coming(environment), &known).await;
    let Tried { refused, later } = tried.map_err(|error| call_problem(&error))?;
    if !later.is_empty() {
        let told = later.iter().map(|(why, count)| format!("{} ({why})", objects(*count)));
        let told: Vec<String> = told.collect();
        context.printer.say(&format!("not tried on the API server yet: {}", told.join(", ")));
    }
    if refused.is_empty() { Ok(()) } else { Err(problem(environment, &refused)) }
}

fn known(observed: &BTreeMap<Address, Observed>) -> Known {
    let mut known = Known::default();
    for (address, observed) in observed {
        if let Observed::Present(live) = observed {
            known.insert(address.clone(), live.id.clone(), Some(live.outputs.clone()));
        }
    }
    known
}

/// What is to be tried of a step: all of a release that is made, what differs of one that is changed. The objects of one
/// that is replaced are in the way of themselves.
fn trial(step: &Step, known: &Known) -> Option<Trial> {
    let mut spec = step.spec.clone();
    known.fill(&mut spec);
    let Spec::Release(release) = spec else { return None };
    let differs = |label: &str| {
        step.changes.iter().any(|planned| {
            let rest = planned.change.field.strip_prefix(label);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    let all = release.objects.keys();
    let objects: BTreeSet<String> = match step.action {
        _ if step.replaces => return None,
        Action::Create => all.cloned().collect(),
        Action::Update | Action::Adopt => all.filter(|label| differs(label)).cloned().collect(),
        Action::NoOp | Action::Replace | Action::Delete | Action::Forget => return None,
    };
    (!objects.is_empty()).then(|| Trial { address: step.address.clone(), release: *release, objects })
}

/// What the releases of an environment make for others.
fn coming(environment: &Environment) -> Coming {
    let mut coming = Coming::default();
    for spec in environment.desired.resources.values() {
        if let Spec::Release(release) = spec {
            coming.namespaces.insert(release.namespace.clone());
        }
    }
    for object in environment.renderings.values().flat_map(|rendering| rendering.all().into_values()) {
        match object.key.kind.as_str() {
            "Namespace" => drop(coming.namespaces.insert(object.key.name.clone())),
            "CustomResourceDefinition" => coming.definitions.push(object.clone()),
            _ => {}
        }
    }
    coming
}

fn problem(environment: &Environment, refused: &[Refusal]) -> Problem {
    let is_denied = refused.iter().any(|refusal| refusal.is_denied);
    let code = if is_denied { CREDENTIALS } else { FAILED };
    let what = objects(refused.len());
    let mut problem = Problem::new(code, format!("the cluster would refuse {what} of what is deployed"));
    problem.causes = refused.iter().map(|refusal| cause(environment, refusal)).collect();
    if is_denied {
        problem =
            problem.hint("who you are in the cluster may not apply that: a role and its binding allow it");
    }
    problem
        .hint("what a chart gives comes from the settings and the `values` in the environment's file")
        .hint("nothing was touched")
}

/// `release.web: service/templates/service.yaml, line 1: Service web: ...`
fn cause(environment: &Environment, refusal: &Refusal) -> String {
    let Refusal { address, label, object, why, .. } = refusal;
    let place = match environment.desired.resources.get(address) {
        Some(Spec::Release(release)) => environment
            .renderings
            .get(address)
            .and_then(|rendering| rendering.place_of(label, &release.namespace)),
        _ => None,
    };
    let place = place.map(|(template, line)| format!("{template}, line {line}: ")).unwrap_or_default();
    format!("{address}: {place}{object}: {why}")
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}
