//! The owner of a run: starts steps, writes for them, counts what ended how.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};

use super::cancel::{Cancel, Level};
use super::clock::Clock;
use super::error::StepError;
use super::event::{Event, Events};
use super::scribe::{Request, Scribe, Writer};
use super::worker::Worker;
use crate::graph::{Dag, Ready};
use crate::plan::{Plan, Step, StepId};
use crate::provider::Provider;
use crate::state::Status;
use crate::state::store::Journal;

/// How a run is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many steps run at once.
    pub parallelism: usize,
    /// How long a new resource may take to be listed, and a change to be seen.
    pub window: Duration,
    /// The clock.
    pub clock: Clock,
    /// Makes client tokens: 32 hexadecimal digits, never the same twice.
    pub token: fn() -> String,
}

/// One run of one plan.
#[derive(Debug)]
pub struct Run<'a, P> {
    /// The plan.
    pub plan: &'a Plan,
    /// What it is applied to.
    pub provider: Arc<P>,
    /// Where it tells what happens.
    pub events: Events,
    /// How it is stopped from outside.
    pub cancel: Cancel,
    /// How it is run.
    pub settings: Settings,
}

/// A step that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The step.
    pub step: StepId,
    /// Why.
    pub error: StepError,
    /// The steps that were not started because of it.
    pub blocked: Vec<StepId>,
}

/// A step that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The step.
    pub step: StepId,
    /// How long it took.
    pub took: Duration,
    /// When it ended, from the run's start.
    pub at: Duration,
}

/// How a run ended.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The steps that are done, in the order in which they ended.
    pub done: Vec<Ended>,
    /// The steps that failed.
    pub failed: Vec<Failure>,
    /// The steps that were not started because the run was stopped.
    pub left: Vec<StepId>,
    /// The steps that were running when the run was aborted: their intents are open.
    pub aborted: Vec<StepId>,
    /// How long the run took.
    pub took: Duration,
}

impl Report {
    /// True when every step of the plan is done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.left.is_empty() && self.aborted.is_empty()
    }
}

struct Owner<'a, 'w, P, J> {
    run: Run<'a, P>,
    writer: &'a mut Writer<'w, J>,
    dag: Dag,
    ready: Ready,
    scribe: Scribe,
    workers: JoinSet<Result<(), StepError>>,
    running: BTreeMap<Id, (StepId, Duration)>,
    started: Vec<bool>,
    since: Duration,
    stopping: bool,
    report: Report,
}

impl<P: Provider> Run<'_, P> {
    /// Applies the plan. Ends when every step is done, failed or will not be started.
    pub async fn apply<J: Journal>(self, writer: &mut Writer<'_, J>) -> Report {
        let dag = self.plan.dag();
        let durations: Vec<Duration> = self.plan.steps.iter().map(Step::duration).collect();
        let ready = Ready::new(&dag, &durations);
        let (scribe, requests) = Scribe::channel();
        let started = vec![false; dag.len()];
        let since = self.settings.clock.now();
        let owner = Owner {
            run: self,
            writer,
            dag,
            ready,
            scribe,
            workers: JoinSet::new(),
            running: BTreeMap::new(),
            started,
            since,
            stopping: false,
            report: Report::default(),
        };
        owner.work(requests).await
    }
}

impl<P: Provider, J: Journal> Owner<'_, '_, P, J> {
    async fn work(mut self, mut requests: mpsc::Receiver<Request>) -> Report {
        let mut level = Level::Run;
        loop {
            if !self.stopping {
                self.start_what_may();
            }
            if self.workers.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                now = self.run.cancel.above(level) => {
                    level = now;
                    self.stop();
                    if level == Level::Abort {
                        self.abort().await;
                        break;
                    }
                }
                Some(request) = requests.recv() => {
                    let mut all = vec![request];
                    while let Ok(more) = requests.try_recv() {
                        all.push(more);
                    }
                    self.writer.write_all(all).await;
                    if self.writer.broken().is_some() {
                        self.stop();
                    }
                }
                Some(ended) = self.workers.join_next_with_id() => self.ended(ended),
            }
        }
        let blocked: Vec<StepId> =
            self.report.failed.iter().flat_map(|f| f.blocked.iter().copied()).collect();
        self.report.left =
            (0..self.dag.len()).filter(|step| !self.started[*step] && !blocked.contains(step)).collect();
        self.report.took = self.run.settings.clock.since(self.since);
        self.report
    }

    fn start_what_may(&mut self) {
        while self.workers.len() < self.run.settings.parallelism.max(1) {
            let Some(step) = self.ready.take() else { return };
            self.start(step);
        }
    }

    fn start(&mut self, id: StepId) {
        let step = self.run.plan.steps[id].clone();
        let fresh = self.run.settings.token;
        let (token, renew) = match self.writer.state().resources.get(&step.address) {
            Some(Status::Creating { token, .. }) => (token.clone(), Some(fresh)),
            _ => (fresh(), None),
        };
        let record = self.writer.state().record(&step.address).cloned();
        let now = self.run.settings.clock.now();
        let goes_on = renew.is_some() || record.as_ref().is_some_and(|record| !record.is_settled());
        let worker = Worker {
            provider: Arc::clone(&self.run.provider),
            scribe: self.scribe.clone(),
            events: self.run.events.clone(),
            clock: self.run.settings.clock.clone(),
            window: self.run.settings.window,
            purpose: self.run.plan.purpose,
            id,
            token,
            renew,
            record,
            since: (!goes_on).then_some(now),
            known: self.writer.known(),
            step,
        };
        self.started[id] = true;
        self.run.events.send(Event::Started { step: id });
        let task = self.workers.spawn(worker.run()).id();
        self.running.insert(task, (id, now));
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), StepError>), JoinError>) {
        let (task, result) = match ended {
            Ok((task, result)) => (task, result),
            Err(error) => (error.id(), Err(StepError::Broken(format!("a defect of platctl: {error}")))),
        };
        let Some((step, since)) = self.running.remove(&task) else { return };
        match result {
            Ok(()) => {
                let clock = &self.run.settings.clock;
                let (took, at) = (clock.since(since), clock.since(self.since));
                self.ready.finish(&self.dag, step);
                self.run.events.send(Event::Finished { step, took });
                self.report.done.push(Ended { step, took, at });
            }
            Err(error) => {
                let blocked = self.ready.fail(&self.dag, step);
                let why = error.to_string();
                self.run.events.send(Event::Failed { step, why, blocked: blocked.clone() });
                self.report.failed.push(Failure { step, error, blocked });
            }
        }
    }

    fn stop(&mut self) {
        if !std::mem::replace(&mut self.stopping, true) {
            self.run.events.send(Event::Stopping { running: self.workers.len() });
        }
    }

    async fn abort(&mut self) {
        self.workers.shutdown().await;
        self.report.aborted = self.running.values().map(|(step, _)| *step).collect();
        self.running.clear();
    }
}
