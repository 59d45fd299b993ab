//! What `up`, `diff` and `destroy` share: from an environment to a plan, and from a plan to a world.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::connect::{Connection, call_problem};
use super::context::{Context, Environment, detail, random_digits, run_id, store_problem};
use super::images::{self, Finished};
use super::{CANCELLED, CREDENTIALS, DONE, FAILED, USAGE, left, misfits, refusals, signals};
use crate::apply::{
    self, Clock, Events, Report, Run, Settings, StepError, Unreadable, Writer, looks, recover,
};
use crate::blueprint::{LeftOut, Renamed};
use crate::model::{Address, Kind, Known, Observed, Spec};
use crate::plan::{self, Input, Plan, Purpose, Refusal, Scope};
use crate::provider::{Class, Error, Look, WorldReader};
use crate::state::State;
use crate::state::store::Journal;
use crate::ui::{self, Ask, Printer, Problem, Progress};

/// What becomes of what is inside a cluster that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// It is removed first, as long as the cluster can be asked.
    Removed,
    /// It goes with the cluster.
    Abandoned,
}

/// Looks at everything, also at what the clusters gave birth to, and plans its end.
pub(super) async fn plan_destroy(
    context: &Context,
    reader: &WorldReader,
    environment: &Environment,
    state: &State,
    way: (&Scope, Inside),
) -> Result<Plan, Problem> {
    let (scope, inside) = way;
    let mut looks = looks(&environment.desired, state);
    if inside == Inside::Abandoned {
        looks.retain(|look| !goes_with_cluster(&look.spec));
    }
    // They go with the cluster, whether it can be asked or not; what they had made is looked for once it is gone.
    let spared: fn(&Spec) -> bool = if *scope == Scope::default() { goes_with_cluster } else { |_| false };
    let (mut observed, unreachable) = look(reader, looks, state.known(), spared).await?;
    if !unreachable.is_empty() {
        tell_unreachable(context, &unreachable);
    }
    let releases = environment.desired.resources.keys().chain(state.resources.keys());
    for address in releases.filter(|address| address.kind == Kind::Release) {
        observed.entry(address.clone()).or_insert(Observed::Absent);
    }
    left::add_born(reader.aws(), environment, state, &mut observed).await?;
    plan_of(environment, state, &observed, Purpose::Destroy, scope)
}

/// Whether a spec is of something inside a cluster that the environment itself makes.
pub(super) fn goes_with_cluster(spec: &Spec) -> bool {
    matches!(spec, Spec::Release(release) if release.cluster.is_some())
}

/// What was seen, and what could not be looked at.
pub(super) type Seen = (BTreeMap<Address, Observed>, Vec<(Address, Error)>);

/// Looks at everything. That nothing is known of what `spared` names is no failure, if it is all that is not known.
pub(super) async fn look(
    reader: &WorldReader,
    mut looks: Vec<Look>,
    known: Known,
    spared: fn(&Spec) -> bool,
) -> Result<Seen, Problem> {
    let mut failed = match apply::observe(reader, looks.clone(), known.clone()).await {
        Ok(observed) => return Ok((observed, Vec::new())),
        Err(unreadable) => unreadable,
    };
    let is_failed = |look: &Look| failed.0.iter().any(|(address, _)| *address == look.address);
    if !looks.iter().filter(|look| is_failed(look)).all(|look| spared(&look.spec)) {
        return Err(unreadable(&failed));
    }
    looks.retain(|look| !is_failed(look));
    let observed = apply::observe(reader, looks, known).await.map_err(|error| unreadable(&error))?;
    Ok((observed, std::mem::take(&mut failed.0)))
}

fn tell_unreachable(context: &Context, errors: &[(Address, Error)]) {
    let names: Vec<String> = errors.iter().map(|(address, _)| address.to_string()).collect();
    let why = errors.first().map(|(_, error)| error.to_string()).unwrap_or_default();
    context.printer.warn(&format!("the cluster cannot be asked about {}: {why}", names.join(", ")));
    context.printer.say(
        "they go with the cluster; what it made outside of itself (load balancers, volumes) is removed after it",
    );
}

/// How a plan of `up` comes about.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    /// What it may touch.
    pub(super) scope: &'a Scope,
    /// Whether everything is looked at; else what is recorded is taken for what is there.
    pub(super) refresh: bool,
    /// Whether the images that it pushes are built, so that their digests are in it.
    pub(super) build: bool,
}

/// A plan, and the images that were built for it.
pub(super) type Built = (Plan, BTreeMap<Address, Finished>);

/// Surveys the sources, looks, and plans; builds what the plan pushes, and plans again with the digests known.
pub(super) async fn plan_up(
    context: &Context,
    reader: &WorldReader,
    environment: &mut Environment,
    state: &State,
    way: Way<'_>,
) -> Result<Built, Problem> {
    images::survey(context, environment, state, way.scope).await?;
    let remembered = if way.refresh { BTreeMap::new() } else { apply::remembered(state) };
    let mut looks = looks(&environment.desired, state);
    looks.retain(|look| !remembered.contains_key(&look.address));
    let observed = apply::observe(reader, looks, state.known()).await;
    let mut observed = observed.map_err(|error| unreadable(&error))?;
    observed.extend(remembered);
    let mut plan = plan_of(environment, state, &observed, Purpose::Up, way.scope)?;
    misfits::refuse(context, environment, &plan)?;
    if way.refresh {
        refusals::refuse(context, reader, environment, &observed, &plan).await?;
    }
    let mut built = BTreeMap::new();
    if way.build {
        built = images::build(context, environment, state, &plan).await?;
        if !built.is_empty() {
            plan = plan_of(environment, state, &observed, Purpose::Up, way.scope)?;
        }
    }
    if !way.refresh {
        // Nothing was seen that could be held against what is there when its turn comes.
        for step in plan.steps.iter_mut().filter(|step| state.record(&step.address).is_some()) {
            step.fingerprint = None;
        }
    }
    Ok((plan, built))
}

/// Plans what was looked at, and has the plan checked by the lint.
pub(super) fn plan_of(
    environment: &Environment,
    state: &State,
    observed: &BTreeMap<Address, Observed>,
    purpose: Purpose,
    scope: &Scope,
) -> Result<Plan, Problem> {
    let desired = &environment.desired;
    let plan = plan::plan(Input { desired, state, observed, purpose, scope });
    let plan = plan.map_err(|refusal| refused(&refusal, environment))?;
    let faults = plan::lint(&plan, state);
    // A choice of targets may leave out what something needs: that is told, not refused, while nothing is lost.
    if let Some(fault) = faults.first().filter(|_| scope.only.is_empty() && scope.except.is_empty()) {
        return Err(Problem::new(FAILED, format!("a defect of platctl: the plan is wrong: {fault}"))
            .hint("nothing was touched; please report it, with `platctl diff ENV --json`"));
    }
    Ok(plan)
}

fn unreadable(error: &Unreadable) -> Problem {
    let denied = error.0.iter().any(|(_, error)| error.class == Class::Denied);
    let mut problem = Problem::new(if denied { CREDENTIALS } else { FAILED }, error.to_string());
    for (address, error) in error.0.iter().take(5) {
        problem.causes.push(format!("{address}: {error}"));
    }
    if let Some((_, first)) = error.0.first() {
        problem.hints = call_problem(first).hints;
    }
    if error.0.iter().all(|(address, _)| address.kind == Kind::Release) {
        problem = problem
            .hint("the cluster's API must be reached from here: see [cluster.endpoint], public and public_cidrs")
            .hint("`platctl destroy` does without it");
    }
    problem.hint("nothing was changed: a plan is made of everything or not at all")
}

fn refused(refusal: &Refusal, environment: &Environment) -> Problem {
    let Environment { name, mention, .. } = environment;
    match refusal {
        Refusal::Protected { .. } => Problem::from_error(FAILED, refusal).hint(format!(
            "to remove it all the same: set `protect = false` in environments/{name}.toml, run `platctl up \
             {mention}` (which lifts the protection in AWS too), then repeat this"
        )),
        Refusal::UnknownTarget(_) => {
            Problem::from_error(USAGE, refusal).hint(format!("`platctl graph {mention}` shows the addresses"))
        }
        Refusal::Cycle(_) | Refusal::Dangling { .. } | Refusal::Unobserved(_) => {
            Problem::from_error(FAILED, refusal)
        }
    }
}

/// Tells what is not deployed, and why.
pub(super) fn tell_left_out(context: &Context, environment: &Environment) {
    for LeftOut { what, why } in &environment.left_out {
        context.printer.say(&format!("{what} is not deployed: {why}"));
    }
    for Renamed { service, variable, value } in &environment.renamed {
        context
            .printer
            .say(&format!("{service}: {variable} is {value}, as nothing makes load balancers here"));
    }
}

/// Shows a plan: to people on stderr, or as data.
pub(super) fn show(context: &Context, plan: &Plan) {
    let printer = &context.printer;
    if printer.json() {
        return;
    }
    printer.say("");
    printer.say(&ui::plan_view(plan, printer.paint(), detail(&context.global)));
}

/// Asks whether to go on. The sandbox is never asked about.
pub(super) fn confirm(
    context: &Context,
    yes: bool,
    question: &str,
    word: Option<&str>,
) -> Result<(), Problem> {
    if yes || context.global.sandbox {
        return Ok(());
    }
    match context.printer.ask(question, word) {
        Ask::Agreed => Ok(()),
        Ask::Declined => Err(Problem::new(CANCELLED, "cancelled").hint("nothing was touched")),
        Ask::Nobody => Err(Problem::new(USAGE, "there is no terminal to ask on")
            .hint("add --yes; `up` also takes a plan that was looked at: --plan FILE (from `platctl diff --out FILE`)")
            .hint("nothing was touched")),
    }
}

/// Resolves what earlier runs left open.
pub(super) async fn resolve<J: Journal>(
    context: &Context,
    connection: &Connection,
    writer: &mut Writer<'_, J>,
    wanted: &dyn Fn(&Address) -> bool,
) -> Result<(), Problem> {
    let clock = Clock::system();
    let resolved = recover(&connection.world(), writer, wanted, connection.window(), &clock).await;
    let resolved = resolved.map_err(|error| step_problem(&error))?;
    for (address, found) in resolved {
        let what = if found { "was made and is recorded now" } else { "was not made" };
        context.printer.say(&format!("an earlier run was cut while it made {address}: it {what}"));
    }
    Ok(())
}

fn step_problem(error: &StepError) -> Problem {
    let code = if error.class() == Some(Class::Denied) { CREDENTIALS } else { FAILED };
    Problem::from_error(code, error)
}

/// Applies a plan, shows it going on, and keeps the state.
pub(super) async fn apply_plan<J: Journal>(
    context: &Context,
    connection: &Connection,
    plan: &Plan,
    parallelism: usize,
    writer: &mut Writer<'_, J>,
) -> Report {
    let (events, heard) = Events::channel();
    let run = Run {
        plan,
        provider: Arc::new(connection.world()),
        events,
        cancel: signals::listen(),
        settings: Settings {
            parallelism,
            window: connection.window(),
            clock: Clock::system(),
            token: random_digits,
        },
    };
    // A sandbox that does not say how fast its time is fails the run's calls; a forecast does not.
    let pace = connection.pace().await.unwrap_or(0.0);
    let progress = Progress::new(plan, context.printer, pace).show(heard);
    let (report, _told) = tokio::join!(run.apply(writer), progress);
    let paint = context.printer.paint();
    context.printer.say(&ui::failures(plan, &report, paint));
    context.printer.say(&ui::summary(plan, &report, paint));
    report
}

/// The exit code of a run.
pub(super) fn exit_code(report: &Report) -> u8 {
    let denied = report.failed.iter().any(|failure| failure.error.class() == Some(Class::Denied));
    if report.is_complete() {
        DONE
    } else if report.failed.is_empty() {
        CANCELLED
    } else if denied {
        CREDENTIALS
    } else {
        FAILED
    }
}

/// Puts a snapshot in place of the journal; a failure costs nothing but the reading of a longer journal.
pub(super) async fn compact<J: Journal>(printer: &Printer, journal: &mut J, state: &State) {
    if let Err(error) = journal.compact(state).await {
        let problem = Problem::from_error(FAILED, &error);
        printer
            .warn(&format!("the state is safe, but its journal could not be shortened: {}", problem.message));
    }
}

/// A writer for a locked store.
pub(super) fn writer<'a, J: Journal>(journal: &'a mut J, state: &'a mut State) -> Writer<'a, J> {
    Writer::new(journal, state, run_id(), Clock::system())
}

/// Takes the lock of an environment, and says what was found.
pub(super) fn lock(
    context: &Context,
    environment: &Environment,
) -> Result<(crate::state::store::LocalSession, State), Problem> {
    let locked = environment.store.lock(&Context::owner(), &random_digits());
    let (session, loaded) = locked.map_err(|error| store_problem(&error, &environment.mention))?;
    if let Some(dead) = session.freed() {
        context.printer.say(&format!("freed the lock of a run that is gone ({dead})"));
    }
    if loaded.torn > 0 {
        context.printer.say("the last line of the journal was cut by a crash and was left out");
    }
    Ok((session, loaded.state))
}

/// Reads an environment's state.
pub(super) fn load(environment: &Environment) -> Result<State, Problem> {
    let loaded = environment.store.load(&random_digits());
    Ok(loaded.map_err(|error| store_problem(&error, &environment.mention))?.state)
}
