//! A run as it goes on: a fold of its events, and the lines that show it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

use super::printer::Printer;
use super::words::duration;
use crate::apply::Event;
use crate::model::ec2::LeftoverKind;
use crate::model::{Action, Spec};
use crate::plan::{Plan, Step, StepId};

/// What was counted of a run.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Steps that are done.
    pub done: usize,
    /// Steps that failed.
    pub failed: usize,
}

/// The view of one run.
pub struct Progress<'a> {
    plan: &'a Plan,
    printer: Printer,
    bars: Option<Bars>,
    since: Instant,
    left: BTreeMap<StepId, Duration>,
    told: Told,
    swept: BTreeSet<String>,
}

struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    steps: BTreeMap<StepId, ProgressBar>,
}

impl<'a> Progress<'a> {
    /// A view of a run of this plan: lines that move on a terminal, plain lines elsewhere.
    /// `pace` is how long a second of AWS takes where the plan is applied, in seconds.
    pub fn new(plan: &'a Plan, printer: Printer, pace: f64) -> Self {
        let bars = printer.interactive().then(|| {
            let all = MultiProgress::new();
            let total = all.add(ProgressBar::new(plan.steps.len() as u64));
            let style = ProgressStyle::with_template("{bar:24.green/dim} {pos} of {len}  {elapsed}  {msg}");
            total.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            total.enable_steady_tick(Duration::from_millis(250));
            Bars { all, total, steps: BTreeMap::new() }
        });
        let left = plan.steps.iter().enumerate().map(|(id, step)| (id, step.duration_at(pace))).collect();
        Self {
            plan,
            printer,
            bars,
            since: Instant::now(),
            left,
            told: Told::default(),
            swept: BTreeSet::new(),
        }
    }

    /// Shows events until the run ends.
    pub async fn show(mut self, mut events: mpsc::UnboundedReceiver<Event>) -> Told {
        while let Some(event) = events.recv().await {
            self.take(&event);
        }
        if let Some(bars) = &self.bars {
            bars.total.finish_and_clear();
        }
        self.told
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Started { step } => self.start(*step),
            Event::Waiting { step, why } => {
                // What a clause covers is told as it goes.
                if is_clause(&self.plan.steps[*step]) && self.swept.insert(why.clone()) {
                    self.line(&format!("  made meanwhile, and removed: {why}"));
                }
                if let Some(bar) = self.bars.as_ref().and_then(|bars| bars.steps.get(step)) {
                    bar.set_message(why.clone());
                }
            }
            Event::Finished { step, took } => {
                self.told.done += 1;
                let text =
                    format!("{} {}", self.done_words(*step), self.printer.paint().dim(duration(*took)));
                self.end(*step, &text);
            }
            Event::Failed { step, why, blocked } => {
                self.told.failed += 1;
                let paint = self.printer.paint();
                let held = match blocked.len() {
                    0 => String::new(),
                    n => format!(" ({n} steps wait for it and will not be started)"),
                };
                let name = &self.plan.steps[*step].address;
                self.end(*step, &format!("{} {name}: {why}{held}", paint.red("✗")));
            }
            Event::Stopping { running } => {
                self.line(&format!("stopping: {running} running steps are let end; once more ends at once"));
            }
        }
    }

    fn start(&mut self, step: StepId) {
        let Some(bars) = &mut self.bars else {
            let step = &self.plan.steps[step];
            // What takes no time needs no line before the one that says that it is done.
            if step.duration() >= Duration::from_secs(30) {
                let text = format!("  {} {} …", doing(step.action), step.address);
                self.line(&text);
            }
            return;
        };
        let bar = bars.all.insert_before(&bars.total, ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("  {spinner:.cyan} {prefix} {elapsed:.dim} {wide_msg:.dim}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        let planned = &self.plan.steps[step];
        bar.set_prefix(format!("{} {}", doing(planned.action), planned.address));
        bar.enable_steady_tick(Duration::from_millis(120));
        bars.steps.insert(step, bar);
    }

    fn end(&mut self, step: StepId, text: &str) {
        self.left.remove(&step);
        if let Some(bars) = &mut self.bars {
            if let Some(bar) = bars.steps.remove(&step) {
                bar.finish_and_clear();
                bars.all.remove(&bar);
            }
            bars.total.inc(1);
        }
        self.line(text);
        if let Some(bars) = &self.bars {
            bars.total.set_message(self.expectation());
        }
    }

    /// When the run will end: the longest chain that is left.
    fn expectation(&self) -> String {
        let durations: Vec<Duration> =
            (0..self.plan.steps.len()).map(|id| self.left.get(&id).copied().unwrap_or_default()).collect();
        let dag = self.plan.dag();
        let left = dag.remaining(&durations).into_iter().max().unwrap_or_default();
        if left < Duration::from_secs(5) { String::new() } else { format!("about {} left", duration(left)) }
    }

    fn done_words(&self, step: StepId) -> String {
        let paint = self.printer.paint();
        let planned = &self.plan.steps[step];
        let word = match planned.action {
            Action::Create => "created",
            Action::Adopt => "recorded",
            Action::Update => "changed",
            Action::Delete => "deleted",
            Action::Forget => "dropped",
            Action::NoOp | Action::Replace => "done",
        };
        format!("{} {word} {}", paint.green("✓"), planned.address)
    }

    fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                let _closed = bars.all.println(text);
            }
            None => {
                let at = duration(self.since.elapsed());
                let n = self.told.done + self.told.failed;
                self.printer.say(&format!("[{at:>8}] {n:>3}/{} {text}", self.plan.steps.len()));
            }
        }
    }
}

/// True for the step that stands for what its cluster makes meanwhile.
fn is_clause(step: &Step) -> bool {
    matches!(&step.spec, Spec::Leftover(leftover) if leftover.what == LeftoverKind::Meanwhile)
}

fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "creating",
        Action::Adopt => "recording",
        Action::Update => "changing",
        Action::Delete => "deleting",
        Action::Forget => "dropping",
        Action::NoOp | Action::Replace => "doing",
    }
}
