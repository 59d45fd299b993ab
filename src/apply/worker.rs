//! What one step does.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::error::StepError;
use super::event::{Event, Events};
use super::observe::observe_one;
use super::recover::leaves_open;
use super::scribe::Scribe;
use super::wait::{Ended, Look, Pace, until};
use crate::model::{
    Action, Address, Change, CloudId, Effect, Known, Live, Observed, Readiness, Spec, Text, Visitor,
};
use crate::model::{Document, Kind, Recovery, Target};
use crate::plan::{Purpose, Step, StepId, comparable, fingerprint};
use crate::provider::{Class, Create, Delete, Provider, Update};
use crate::state::{Done, Entry, Intent, Record};

/// Everything that a step needs.
pub(super) struct Worker<P> {
    pub(super) provider: Arc<P>,
    pub(super) scribe: Scribe,
    pub(super) events: Events,
    pub(super) clock: Clock,
    /// How long a new resource may take to be listed, and a change to be seen.
    pub(super) window: Duration,
    pub(super) purpose: Purpose,
    pub(super) id: StepId,
    pub(super) step: Step,
    /// The token of its create: the journal's, where one is open.
    pub(super) token: String,
    /// Makes another token, where this one is an earlier run's: what it stands for may be gone since.
    pub(super) renew: Option<fn() -> String>,
    /// What is recorded of it.
    pub(super) record: Option<Record>,
    /// Everything that its dependencies gave.
    pub(super) known: Arc<Known>,
    /// When it was started; none where it goes on with what an earlier run began, which says nothing of how long
    /// such a step takes.
    pub(super) since: Option<Duration>,
}

impl<P: Provider> Worker<P> {
    /// Does the step.
    pub(super) async fn run(mut self) -> Result<(), StepError> {
        self.known.fill(&mut self.step.spec);
        match self.step.action {
            Action::Create => self.create().await,
            Action::Adopt => self.adopt().await,
            Action::Update => {
                let id = self.known_id()?;
                self.check_fingerprint(&id).await?;
                self.converge(&id).await
            }
            Action::Delete => self.delete().await,
            Action::Forget => self.done(Done::Forgotten).await,
            Action::NoOp | Action::Replace => Ok(()),
        }
    }

    fn address(&self) -> &Address {
        &self.step.address
    }

    fn known_id(&self) -> Result<CloudId, StepError> {
        self.step.id.clone().ok_or(StepError::Stale)
    }

    async fn intend(&self, intent: Intent) -> Result<(), StepError> {
        self.scribe.write(self.address(), Entry::Intent(intent), None).await
    }

    async fn done(&self, done: Done) -> Result<(), StepError> {
        let took = match (&done, self.step.action) {
            (Done::Converged { .. } | Done::Deleted, Action::Create | Action::Update | Action::Delete) => {
                self.since.map(|since| self.clock.since(since))
            }
            _ => None,
        };
        self.scribe.write(self.address(), Entry::Done(done), took).await
    }

    /// Writes a failure down and gives it back.
    async fn failed(&self, error: StepError) -> StepError {
        let told = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match self.scribe.write(self.address(), Entry::Failed { error: told }, None).await {
            Ok(()) => error,
            Err(journal) => journal,
        }
    }

    async fn look(&self, id: Option<&CloudId>) -> Result<Observed, StepError> {
        Ok(observe_one(&*self.provider, self.address(), id, &self.step.spec, &self.known).await?)
    }

    async fn wait<T, F>(&self, pace: Pace, look: impl FnMut() -> F) -> Result<T, StepError>
    where
        F: Future<Output = Result<Look<T>, StepError>>,
    {
        let waiting = |why: &str| self.events.send(Event::Waiting { step: self.id, why: why.to_owned() });
        until(&self.clock, pace, look, waiting).await.map_err(|ended| match ended {
            Ended::Error(error) => error,
            Ended::TimedOut(after, why) => StepError::TimedOut { after, why },
        })
    }

    fn pace(&self) -> Pace {
        let timing = self.address().kind.timing();
        Pace { interval: timing.interval, timeout: timing.timeout }
    }

    async fn create(&mut self) -> Result<(), StepError> {
        if let Some(missing) = unresolved(&mut self.step.spec) {
            return Err(StepError::Unresolved(missing));
        }
        if self.record.take().is_some() {
            // Recorded, and seen to be gone when the plan was made; or another takes its place.
            self.done(Done::Forgotten).await?;
        }
        if self.step.reason == crate::plan::Reason::Leaving {
            self.wait_until_gone(None).await?;
        }
        match (self.make().await, self.renew.take()) {
            // A service gives for a token what it gave before, also where somebody has removed that by now.
            (Err(StepError::Vanished), Some(renew)) => {
                self.done(Done::Forgotten).await?;
                self.token = renew();
                self.make().await
            }
            (made, _) => made,
        }
    }

    /// One intent, one create, and what is needed until it is as wanted.
    async fn make(&self) -> Result<(), StepError> {
        let intent = Intent::Create { token: self.token.clone(), spec: self.step.spec.clone() };
        self.intend(intent).await?;
        let id = self.call_create().await?;
        self.done(Done::Created { id: id.clone() }).await?;
        self.converge(&id).await
    }

    /// Calls, and finds out what became of a call without an answer.
    async fn call_create(&self) -> Result<CloudId, StepError> {
        let mut replays = 0;
        loop {
            let call = Create {
                address: self.address().clone(),
                spec: self.step.spec.clone(),
                token: self.token.clone(),
                known: Arc::clone(&self.known),
            };
            let error = match self.provider.create(call).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            match error.class {
                class if leaves_open(class) => {
                    let replayable = self.address().kind.recovery() == Recovery::Token && replays < 3;
                    let window = if replayable { Duration::ZERO } else { self.window };
                    match self.find(window).await? {
                        Some(id) => return Ok(id),
                        None if replayable => replays += 1,
                        None => return Err(StepError::Unanswered(error)),
                    }
                }
                // An earlier call of ours, whose answer was lost, may have made it.
                Class::Conflict => match self.find(Duration::ZERO).await? {
                    Some(id) => return Ok(id),
                    None => return Err(self.failed(error.into()).await),
                },
                _ => return Err(self.failed(error.into()).await),
            }
        }
    }

    /// Looks by tag, name or relation for up to the window.
    async fn find(&self, window: Duration) -> Result<Option<CloudId>, StepError> {
        let pace = Pace { interval: Duration::from_secs(2), timeout: window };
        let look = async || match self.look(None).await? {
            Observed::Present(live) => Ok(Look::Done(live.id)),
            Observed::Absent | Observed::Leaving(_) => Ok(Look::Again("not listed".to_owned())),
        };
        match self.wait(pace, look).await {
            Ok(id) => Ok(Some(id)),
            Err(StepError::TimedOut { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn adopt(&self) -> Result<(), StepError> {
        let id = self.known_id()?;
        let live = self.wait_until_usable(&id).await?;
        let seen = self.comparable(&live.spec);
        if self.record.is_none() || self.changes(&seen).is_empty() {
            self.done(Done::Adopted { id: id.clone(), spec: seen, outputs: live.outputs }).await?;
        }
        self.converge(&id).await
    }

    /// Looks, changes what differs, and looks again until nothing differs.
    async fn converge(&self, id: &CloudId) -> Result<(), StepError> {
        let mut asked: Option<(Vec<Change>, Duration)> = None;
        loop {
            let live = self.wait_until_usable(id).await?;
            let seen = self.comparable(&live.spec);
            let changes = self.changes(&seen);
            if changes.is_empty() {
                return self.done(Done::Converged { outputs: live.outputs }).await;
            }
            if let Some(fields) = fields(&changes, |change| change.effect != Effect::InPlace) {
                return Err(self.failed(StepError::MadeOtherwise(fields)).await);
            }
            match &asked {
                // The service took it and does not show it yet.
                Some((before, since)) if *before == changes => {
                    if self.clock.since(*since) >= self.window {
                        let fields = fields(&changes, |_| true).unwrap_or_default();
                        return Err(self.failed(StepError::NotConverging(fields)).await);
                    }
                    self.clock.sleep((self.clock.since(*since) / 4).max(Duration::from_millis(50))).await;
                    continue;
                }
                None => {
                    if self.record.as_ref().is_some_and(|record| !record.is_settled()) {
                        // What an earlier run was about to set is ours too, and this intent takes its place.
                        let (id, spec, outputs) = (id.clone(), seen.clone(), live.outputs);
                        self.done(Done::Adopted { id, spec, outputs }).await?;
                    }
                    self.intend(Intent::Converge { spec: self.step.spec.clone() }).await?;
                }
                Some(_) => {}
            }
            let call = Update {
                address: self.address().clone(),
                id: id.clone(),
                spec: self.step.spec.clone(),
                live: seen,
                changes: changes.clone(),
                known: Arc::clone(&self.known),
            };
            if let Err(error) = self.provider.update(call).await {
                return Err(self.failed(error.into()).await);
            }
            asked = Some((changes, self.clock.now()));
        }
    }

    fn comparable(&self, live: &Spec) -> Spec {
        comparable(live, Some(&self.step.spec), self.record.as_ref(), &self.known)
    }

    fn changes(&self, seen: &Spec) -> Vec<Change> {
        self.step.spec.changes(seen).unwrap_or_default()
    }

    async fn wait_until_usable(&self, id: &CloudId) -> Result<Live, StepError> {
        let start = self.clock.now();
        let look = async || match self.look(Some(id)).await? {
            Observed::Present(live) => match live.readiness {
                Readiness::Ready => Ok(Look::Done(*live)),
                Readiness::Pending(why) => Ok(Look::Again(why)),
                Readiness::Failed(why) => Err(StepError::Broken(why)),
            },
            Observed::Leaving(why) => Err(StepError::Broken(why)),
            Observed::Absent if self.clock.since(start) < self.window => {
                Ok(Look::Again("not listed yet".to_owned()))
            }
            Observed::Absent => Err(StepError::Vanished),
        };
        match self.wait(self.pace(), look).await {
            Err(error @ (StepError::Broken(_) | StepError::Vanished)) => Err(self.failed(error).await),
            other => other,
        }
    }

    async fn check_fingerprint(&self, id: &CloudId) -> Result<(), StepError> {
        let Some(planned) = &self.step.fingerprint else { return Ok(()) };
        let seen = |live: &Spec| fingerprint(live, Some(&self.step.spec), self.record.as_ref());
        match self.look(Some(id)).await? {
            Observed::Present(live) if seen(&live.spec) == *planned => Ok(()),
            _ => Err(StepError::Stale),
        }
    }

    async fn delete(&self) -> Result<(), StepError> {
        let id = self.known_id()?;
        if self.record.is_none() {
            // Ours by tag, and not recorded: it is recorded first, so that its end is an entry like any other.
            let Observed::Present(live) = self.look(Some(&id)).await? else { return Ok(()) };
            let spec = self.comparable(&live.spec);
            self.done(Done::Adopted { id: id.clone(), spec, outputs: live.outputs }).await?;
        }
        // A destroy takes apart what refers to a resource before the resource, which changes what is seen of it.
        if self.purpose == Purpose::Up && !self.step.replaces {
            match self.look(Some(&id)).await? {
                Observed::Present(_) => self.check_fingerprint(&id).await?,
                Observed::Leaving(_) => {}
                Observed::Absent => return self.done(Done::Forgotten).await,
            }
        }
        self.intend(Intent::Delete).await?;
        match self.call_delete(&id).await {
            Ok(()) => self.done(Done::Deleted).await,
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// Asks for the end until nothing is in the way any more, and waits for it.
    async fn call_delete(&self, id: &CloudId) -> Result<(), StepError> {
        let call = Delete {
            address: self.address().clone(),
            id: id.clone(),
            spec: self.step.spec.clone(),
            known: Arc::clone(&self.known),
        };
        let ask = async || match self.provider.delete(call.clone()).await {
            Ok(()) => Ok(Look::Done(())),
            Err(error) if error.class == Class::NotFound => Ok(Look::Done(())),
            Err(error) if error.class == Class::DependencyViolation => Ok(Look::Again(error.message)),
            Err(error) => Err(StepError::Call(error)),
        };
        self.wait(self.pace(), ask).await?;
        self.wait_until_gone(Some(id)).await
    }

    async fn wait_until_gone(&self, id: Option<&CloudId>) -> Result<(), StepError> {
        let look = async || match self.look(id).await? {
            Observed::Absent => Ok(Look::Done(())),
            Observed::Leaving(why) => Ok(Look::Again(why)),
            Observed::Present(_) => Ok(Look::Again("still there".to_owned())),
        };
        self.wait(self.pace(), look).await
    }
}

fn fields(changes: &[Change], which: impl Fn(&Change) -> bool) -> Option<Vec<String>> {
    let fields: Vec<String> = changes.iter().filter(|c| which(c)).map(|c| c.field.clone()).collect();
    (!fields.is_empty()).then_some(fields)
}

/// The first placeholder that is left in a spec.
fn unresolved(spec: &mut Spec) -> Option<String> {
    struct Find(Option<String>);
    impl Visitor for Find {
        fn target(&mut self, _: Kind, _: &mut Target) {}
        fn text(&mut self, text: &mut Text) {
            self.0 = self.0.take().or(text.placeholders().first().map(ToString::to_string));
        }
        fn document(&mut self, document: &mut Document) {
            self.0 = self.0.take().or(document.placeholders().first().map(ToString::to_string));
        }
    }
    let mut find = Find(None);
    spec.visit(&mut find);
    find.0
}
