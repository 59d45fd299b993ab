//! A container: started, probed, started again.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Child;
use tokio::time::Instant;

use super::environment::{self, Environment};
use super::event::event;
use super::image::{self, Program};
use super::output::Output;
use super::pod::Life;
use super::probe::{Ports, Probe};
use super::process;
use super::status::{running, terminated, waiting};
use crate::cluster::json::{list, number, text};
use crate::cluster::network;

/// How long after it ended for the first time a container is started again, and how that grows.
const AT_ONCE: Duration = Duration::from_secs(1);
const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(300);

/// One that ran for so long is as new.
const WELL: Duration = Duration::from_secs(600);

/// How long after one that could not be started at all.
const AGAIN: Duration = Duration::from_secs(5);

/// Which container of a pod.
pub(super) struct Kept {
    pub(super) index: usize,
    pub(super) container: Value,
    pub(super) init: bool,
}

/// A container that runs.
struct Started {
    child: Child,
    ports: Ports,
    since: Instant,
}

/// Keeps a container running until it ends for good or its pod is to end; whether it ended well.
pub(super) async fn keep(life: Rc<Life>, kept: Kept) -> bool {
    let mut failures = 0_u32;
    loop {
        if life.stop().is_some() {
            return false;
        }
        let mut started = match start(&life, &kept).await {
            Ok(started) => started,
            Err(Trouble { reason, message }) => {
                event(&life.cluster, &life.pod, "Warning", ("Failed", &message));
                life.tell(&kept, |state| state.now = waiting(reason, &message));
                pause(&life, AGAIN).await;
                continue;
            }
        };
        let ended = attend(&life, &kept, &mut started).await;
        if life.stop().is_some() {
            return false;
        }
        let well = ended == Some(0);
        let again = match text(&life.pod, "/spec/restartPolicy") {
            "Never" => false,
            "OnFailure" => !well,
            _ => !kept.init || !well,
        };
        if !again {
            return well;
        }
        failures = if started.since.elapsed() > WELL { 1 } else { failures + 1 };
        back_off(&life, &kept, failures).await;
    }
}

/// Waits before a container is started again, longer each time.
async fn back_off(life: &Rc<Life>, kept: &Kept, failures: u32) {
    let delay = match failures {
        0 | 1 => AT_ONCE,
        more => FIRST.saturating_mul(2_u32.saturating_pow(more.min(8) - 2)).min(LONGEST),
    };
    if failures > 1 {
        let name = text(&kept.container, "/name");
        let message = format!(
            "back-off {}s restarting failed container={name} pod={}",
            delay.as_secs(),
            crate::cluster::json::name(&life.pod)
        );
        event(
            &life.cluster,
            &life.pod,
            "Warning",
            ("BackOff", &format!("Back-off restarting failed container {name}")),
        );
        life.tell(kept, |state| {
            state.last = state.now.clone();
            state.now = waiting("CrashLoopBackOff", &message);
        });
    }
    pause(life, delay).await;
    life.tell(kept, |state| {
        if state.now.get("terminated").is_some() {
            state.last = state.now.clone();
        }
        state.restarts += 1;
    });
}

/// Waits for a time, or until the pod is to end.
async fn pause(life: &Life, time: Duration) {
    let mut stop = life.running.stop.subscribe();
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.wait_for(Option::is_some) => {}
    }
}

/// Why a container is not started.
struct Trouble {
    reason: &'static str,
    message: String,
}

async fn start(life: &Rc<Life>, kept: &Kept) -> Result<Started, Trouble> {
    let cluster = &life.cluster;
    let words = |key: &str| -> Vec<String> {
        list(&kept.container, key).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    let folder = cluster.kubelet.images();
    let found = image::unpack(cluster, text(&kept.container, "/image"), &words("/command"), &folder).await;
    let program =
        found.map_err(|error| Trouble { reason: "ImagePullBackOff", message: error.to_string() })?;
    let port = network::free_port()
        .map_err(|error| Trouble { reason: "RunContainerError", message: error.to_string() })?;
    let environment = environment::build(cluster, (&life.pod, &kept.container), &program.variables, port);
    let environment =
        environment.map_err(|message| Trouble { reason: "CreateContainerConfigError", message })?;
    let output = Rc::new(Output::new());
    {
        let mut outputs = life.running.outputs.borrow_mut();
        let before = outputs.remove(text(&kept.container, "/name")).map(|(before, _)| before);
        outputs.insert(text(&kept.container, "/name").to_owned(), (Rc::clone(&output), before));
    }
    let arguments = match words("/args") {
        given if given.is_empty() => program.arguments.clone(),
        given => given,
    };
    let child = process::start(&program, &arguments, &environment.variables, &output).await;
    let child = child.map_err(|error| Trouble {
        reason: "RunContainerError",
        message: format!("failed to start {}: {error}", program.path.display()),
    })?;
    let mut all = life.running.variables.borrow_mut();
    all.insert(text(&kept.container, "/name").to_owned(), environment.variables.clone());
    drop(all);
    if let Some(id) = child.id() {
        cluster.kubelet.orphans.note(id, &program.path);
    }
    Ok(begin(life, kept, (program, environment), (child, port)))
}

fn begin(
    life: &Rc<Life>,
    kept: &Kept,
    (program, environment): (Program, Environment),
    (child, port): (Child, u16),
) -> Started {
    let mapped = environment.listens.map(|from| (from, port));
    life.mark(&environment.rewrites, mapped.map(|(_, port)| format!("127.0.0.1:{port}")));
    let probed = |name: &str| kept.container.get(name).is_some_and(Value::is_object);
    let (startup, readiness) = (probed("startupProbe"), probed("readinessProbe"));
    life.tell(kept, |state| {
        state.image_id = program.image_id;
        state.now = running();
        state.started = !startup;
        state.ready = !startup && !readiness;
    });
    Started { child, ports: Ports { mapped }, since: Instant::now() }
}

/// Waits until a container ends, is found dead, or is to end; gives its exit code.
async fn attend(life: &Rc<Life>, kept: &Kept, started: &mut Started) -> Option<i64> {
    let mut stop = life.running.stop.subscribe();
    let grace = number(&life.pod, "/spec/terminationGracePeriodSeconds", 30).max(0).unsigned_abs();
    let id = started.child.id();
    let ended = {
        let dead = probes(life, kept, started.ports);
        tokio::select! {
            ended = started.child.wait() => Some(ended.ok()),
            () = dead => None,
            _ = stop.wait_for(Option::is_some) => None,
        }
    };
    let notes = &life.cluster.kubelet.orphans;
    let ended = match ended {
        Some(ended) => {
            id.inspect(|id| notes.strike(*id));
            ended
        }
        None => end(life, started, Duration::from_secs(grace)).await,
    };
    life.tell(kept, |state| {
        state.now = terminated(ended, &state.now);
        state.ready = false;
        state.started = false;
    });
    let states = if kept.init { life.inits.borrow() } else { life.mains.borrow() };
    states.get(kept.index).and_then(|state| state.now["terminated"]["exitCode"].as_i64())
}

/// Ends a process within the time of its pod; less, when less is asked for meanwhile.
async fn end(life: &Rc<Life>, started: &mut Started, usual: Duration) -> Option<std::process::ExitStatus> {
    let mut stop = life.running.stop.subscribe();
    let mut grace = life.stop().map_or(usual, |stop| stop.grace);
    let notes = &life.cluster.kubelet.orphans;
    loop {
        stop.mark_unchanged();
        tokio::select! {
            ended = process::end(&mut started.child, grace, notes) => return ended,
            changed = stop.changed() => {
                changed.ok()?;
                grace = life.stop().map_or(grace, |stop| stop.grace);
            }
        }
    }
}

/// Probes a container until it is found dead.
async fn probes(life: &Rc<Life>, kept: &Kept, ports: Ports) {
    let container = &kept.container;
    if let Some(startup) = Probe::read(container, "startupProbe") {
        let up = Cell::new(false);
        let watched = Watched { life, kept, ports, probe: &startup, name: "Startup" };
        watched
            .until(|holds| {
                up.set(holds);
                true
            })
            .await;
        if !up.get() {
            return;
        }
        let readiness = container.get("readinessProbe").is_some_and(Value::is_object);
        life.tell(kept, |state| {
            state.started = true;
            state.ready = !readiness;
        });
    }
    let (readiness, liveness) =
        (Probe::read(container, "readinessProbe"), Probe::read(container, "livenessProbe"));
    let ready = async {
        if let Some(probe) = &readiness {
            let watched = Watched { life, kept, ports, probe, name: "Readiness" };
            watched
                .until(|holds| {
                    life.tell(kept, |state| state.ready = holds);
                    false
                })
                .await;
        }
        std::future::pending::<()>().await;
    };
    let alive = async {
        match &liveness {
            Some(probe) => Watched { life, kept, ports, probe, name: "Liveness" }.until(|holds| !holds).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = ready => {}
        () = alive => {}
    }
}

/// A probe that is asked again and again.
struct Watched<'w> {
    life: &'w Rc<Life>,
    kept: &'w Kept,
    ports: Ports,
    probe: &'w Probe,
    name: &'static str,
}

impl Watched<'_> {
    /// Tells every time when the thresholds are reached and the answer is another one; ends when that says so.
    async fn until(&self, mut told: impl FnMut(bool) -> bool) {
        tokio::time::sleep(self.probe.delay).await;
        let (mut successes, mut failures, mut last) = (0, 0, None);
        loop {
            match self.probe.ask(&self.kept.container, &self.ports).await {
                Ok(()) => (successes, failures) = (successes + 1, 0),
                Err(why) => {
                    (successes, failures) = (0, failures + 1);
                    let message = format!("{} probe failed: {why}", self.name);
                    event(&self.life.cluster, &self.life.pod, "Warning", ("Unhealthy", &message));
                }
            }
            let now = match (successes >= self.probe.successes, failures >= self.probe.failures) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            };
            if let Some(holds) = now
                && last != Some(holds)
            {
                last = Some(holds);
                if told(holds) {
                    return;
                }
            }
            tokio::time::sleep(self.probe.period).await;
        }
    }
}
