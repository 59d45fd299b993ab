//! Images as part of a plan: what they are made from for `diff`, built and handed over for `up`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;

use super::args::Choice;
use super::base;
use super::gate::Watch;
use super::place::{Carrier, Parcel, Place};
use super::prepare::{Finished, build_all, services, store};
use super::problem::image_problem;
use crate::cli::args::EnvironmentArg;
use crate::cli::connect::Connection;
use crate::cli::context::{Context, Environment};
use crate::image::{self, Service};
use crate::model::ecr::Image;
use crate::model::{Action, Address, Desired, Kind, Spec};
use crate::plan::{Plan, Scope};
use crate::provider::{ScanGate, Supply};
use crate::state::State;
use crate::ui::Problem;

/// Fills in what the images within the scope are made from. Runs no compiler.
pub(in crate::cli) async fn survey(
    context: &Context,
    environment: &mut Environment,
    state: &State,
    scope: &Scope,
) -> Result<(), Problem> {
    let wanted = within(&environment.desired, scope);
    let services = services_of(context, environment, state, &wanted)?;
    let store = store(context);
    let found = try_join_all(services.iter().map(|(_, service)| image::survey(service, &store))).await;
    let found =
        found.map_err(|error| image_problem(&error).hint("to leave an image out: `--exclude image.NAME`"))?;
    for ((address, _), survey) in services.iter().zip(found) {
        if let Some(image) = image_mut(&mut environment.desired, address) {
            image.sources = survey.made_from();
        }
    }
    Ok(())
}

/// Takes images for what is recorded of them, where nobody looks at their sources.
pub(in crate::cli) fn as_recorded(environment: &mut Environment, state: &State) {
    for (address, record) in state.records() {
        if let (Spec::Image(recorded), Some(image)) =
            (&record.spec, image_mut(&mut environment.desired, address))
        {
            image.sources.clone_from(&recorded.sources);
        }
    }
}

/// Builds the images that a plan pushes, and fills in their digests.
pub(in crate::cli) async fn build(
    context: &Context,
    environment: &mut Environment,
    state: &State,
    plan: &Plan,
) -> Result<BTreeMap<Address, Finished>, Problem> {
    let pushed = plan.steps.iter().filter(|step| {
        step.address.kind == Kind::Image
            && match step.action {
                Action::Create | Action::Update => true,
                Action::Adopt => !step.changes.is_empty(),
                Action::NoOp | Action::Replace | Action::Delete | Action::Forget => false,
            }
    });
    let wanted: BTreeSet<Address> = pushed.map(|step| step.address.clone()).collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let base = base::pull(context, environment, &choice(environment, &wanted)).await?;
    let services = services_of(context, environment, state, &wanted)?;
    let (addresses, services): (Vec<Address>, Vec<Service>) = services.into_iter().unzip();
    let finished = build_all(context, services, None, base.as_ref()).await?;
    for (address, finished) in addresses.iter().zip(&finished) {
        if let Some(image) = image_mut(&mut environment.desired, address) {
            image.digest = Some(finished.built.image.digest().to_string());
            image.sources.clone_from(&finished.built.made_from);
        }
    }
    Ok(addresses.into_iter().zip(finished).collect())
}

/// Images that were built, as the provider takes them, and the gate that they have to pass.
pub(in crate::cli) async fn supply(
    environment: &Environment,
    connection: &Connection,
    built: BTreeMap<Address, Finished>,
) -> Result<(Supply, Option<Arc<Watch>>), Problem> {
    let watch = Watch::new(environment)?.map(Arc::new);
    let gate = watch.clone().map(|watch| -> Arc<dyn ScanGate> { watch });
    let mut supply = Supply { gate, ..Supply::default() };
    if !built.is_empty() {
        let place = Place::own(environment, connection).await?;
        let carrier = Arc::new(Carrier::to(environment, place).await?);
        for (address, image) in built {
            let parcel = Parcel { image, carrier: Arc::clone(&carrier) };
            supply.images.insert(address, Arc::new(parcel));
        }
    }
    Ok((supply, watch))
}

fn image_mut<'a>(desired: &'a mut Desired, address: &Address) -> Option<&'a mut Image> {
    match desired.resources.get_mut(address) {
        Some(Spec::Image(image)) => Some(image),
        _ => None,
    }
}

/// The images that a scope may touch.
fn within(desired: &Desired, scope: &Scope) -> BTreeSet<Address> {
    let mut needed: BTreeSet<Address> = BTreeSet::new();
    let mut open: Vec<Address> = match scope.only.is_empty() {
        true => desired.resources.keys().cloned().collect(),
        false => scope.only.iter().cloned().collect(),
    };
    while let Some(address) = open.pop() {
        if let Some(spec) = desired.resources.get(&address).filter(|_| !needed.contains(&address)) {
            open.extend(spec.refs());
            needed.insert(address);
        }
    }
    needed.retain(|address| address.kind == Kind::Image && !scope.except.contains(address));
    needed
}

fn choice(environment: &Environment, images: &BTreeSet<Address>) -> Choice {
    Choice {
        environment: EnvironmentArg { environment: environment.name.clone() },
        services: images.iter().map(|address| address.name.to_string()).collect(),
        platform: Vec::new(),
        binary: Vec::new(),
        tag: None,
    }
}

/// The services of images, each with what an earlier build of it was made from.
fn services_of(
    context: &Context,
    environment: &Environment,
    state: &State,
    images: &BTreeSet<Address>,
) -> Result<Vec<(Address, Service)>, Problem> {
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let all = services(context, environment, &choice(environment, images))?;
    let mut found = Vec::new();
    for mut service in all {
        let Some(address) = images.iter().find(|address| address.name.as_str() == service.name) else {
            continue;
        };
        if let Some(Spec::Image(recorded)) = state.record(address).map(|record| &record.spec) {
            service.earlier = recorded.sources.keys().cloned().collect();
        }
        found.push((address.clone(), service));
    }
    Ok(found)
}
