//! The points of the matrix, chosen, tried and counted.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use platctl_sandbox::Moment;
use serde_json::json;

use crate::place::Place;
use crate::syncs::{self, Cut, Unsynced};
use crate::verb::Verb;

/// How many points of a command on releases are tried, killed and disturbed each, where not all are.
const SHARE: usize = 8;

/// Where and how a run is disturbed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// Killed at a moment of its nth call.
    Call(Moment, u64),
    /// Killed at its nth fsync.
    Sync(Cut),
    /// Its nth call meets a fault of the sandbox.
    Fault(&'static str, u64),
}

/// What a run that nobody disturbs does, and where it starts.
struct Baseline {
    verb: Verb,
    /// The world and the state before the verb; `None` for nothing at all.
    start: Option<tempfile::TempDir>,
    /// The world after it.
    world: Vec<String>,
    /// Its calls that change something.
    calls: Vec<String>,
    /// The hooks that it ran, in their order.
    hooks: Vec<String>,
    /// How often it synced a file.
    syncs: usize,
}

impl Baseline {
    fn of(verb: Verb) -> Self {
        let start = verb.start();
        let (world, calls, hooks_run) = (Vec::new(), Vec::new(), Vec::new());
        let mut baseline = Self { verb, start, world, calls, hooks: hooks_run, syncs: 0 };
        let place = baseline.place();
        baseline.calls = place.succeeds(verb.command(), "undisturbed").calls;
        baseline.hooks = hooks(&baseline.calls);
        baseline.world = place.world(verb);
        let traced = syncs::run(&baseline.place(), verb, None);
        assert!(traced.succeeded, "the traced run fails");
        baseline.syncs = traced.syncs;
        baseline
    }

    fn place(&self) -> Place {
        match &self.start {
            None => Place::fresh(),
            Some(start) => Place::copy_of(start.path()),
        }
    }

    /// Disturbs one run, and sees that the next one ends it. False when the run ended before the point.
    fn holds_at(&self, point: Point) -> bool {
        let place = self.place();
        let name = format!("{:?} {point:?}", self.verb);
        let reached = match point {
            Point::Call(moment, number) => {
                let run = place.run(self.verb.command(), Some((moment, number)));
                assert!(run.was_killed() || run.status.success(), "{name}: {}\n{}", run.status, run.told);
                run.was_killed()
            }
            Point::Sync(cut) => {
                let traced = syncs::run(&place, self.verb, Some(cut));
                assert!(traced.was_killed || traced.succeeded, "{name}: the traced run fails");
                traced.was_killed
            }
            Point::Fault(kind, number) => {
                let kind = if kind == "delay" { json!({"delay": 1500}) } else { json!(kind) };
                place.arm(&json!({"kind": &kind, "mutating": true, "nth": number}));
                let run = place.run(self.verb.command(), None);
                // A create that may not be sent twice, and whose answer was lost, is the next run's to look for.
                let looked_for = run.told.contains("the next run looks for what it made");
                let ended = run.status.success() || (kind.is_string() && kind != "throttle" && looked_for);
                assert!(ended, "{name}: {}\n{}", run.status, run.told);
                run.calls.len() >= usize::try_from(number).unwrap()
            }
        };
        let before = hooks(&place.calls());
        let again = hooks(&place.succeeds(self.verb.command(), &name).calls);
        // All of them again, as after any deploy that failed; none where all was done already.
        let ran = again == self.hooks || (again.is_empty() && before == self.hooks);
        assert!(ran, "{name}: of the hooks {:?} ran {before:?}, and then {again:?}", self.hooks);
        same(&self.world, &place.world(self.verb), &name);
        place.succeeds(self.verb.next(), &name);
        reached
    }
}

/// The hooks that calls ran, in their order; one that is asked for again at once is the same.
fn hooks(calls: &[String]) -> Vec<String> {
    let patched = calls.iter().filter_map(|call| call.strip_prefix("kubernetes:PATCH ")?.rsplit('/').next());
    let mut hooks: Vec<String> =
        patched.filter(|name| name.starts_with("hook-")).map(str::to_owned).collect();
    hooks.dedup();
    hooks
}

/// Compares worlds and names orphans, twins and what is missing.
fn same(expected: &[String], found: &[String], point: &str) {
    let surplus = without(found, expected);
    let missing = without(expected, found);
    assert!(surplus.is_empty() && missing.is_empty(), "{point}: too many {surplus:?}, missing {missing:?}");
}

fn without<'a>(all: &'a [String], taken: &[String]) -> Vec<&'a String> {
    let mut taken = taken.to_vec();
    let mut rest = Vec::new();
    for line in all {
        match taken.iter().position(|other| other == line) {
            Some(at) => drop(taken.swap_remove(at)),
            None => rest.push(line),
        }
    }
    rest
}

/// Kills at every call and every fsync.
pub(crate) fn killed(verb: Verb) {
    killed_from(&Baseline::of(verb), 20);
}

/// Lets every call once be throttled, cut and late.
pub(crate) fn disturbed(verb: Verb) {
    disturbed_from(&Baseline::of(verb), 20);
}

/// Both, of releases, from one start.
pub(crate) fn killed_and_disturbed(verb: Verb) {
    let baseline = Baseline::of(verb);
    killed_from(&baseline, SHARE);
    disturbed_from(&baseline, SHARE);
}

fn killed_from(baseline: &Baseline, share: usize) {
    let writes = u64::try_from(baseline.calls.len()).unwrap();
    let mut points = Vec::new();
    for number in 1..=writes {
        for moment in [Moment::Arrived, Moment::Applied, Moment::Replied] {
            points.push(Point::Call(moment, number));
        }
    }
    for at in 1..=baseline.syncs {
        let unsynced = [Unsynced::Whole, Unsynced::Torn, Unsynced::Lost][at % 3];
        points.push(Point::Sync(Cut { at, unsynced }));
    }
    let told = format!("killed: {writes} calls, {} fsyncs", baseline.syncs);
    tried(baseline, &points, share, &told);
}

/// Lets every call once be throttled, refused for the time being, cut without and with effect, cut in the middle of its
/// reply, and answered late.
fn disturbed_from(baseline: &Baseline, share: usize) {
    let writes = u64::try_from(baseline.calls.len()).unwrap();
    let mut kinds = vec!["throttle", "cut-before", "cut-after", "half-reply", "delay"];
    if baseline.verb.environment() == "shop" {
        // An API server's, beside that of its flow control.
        kinds.push("unavailable");
    }
    let points: Vec<Point> = (1..=writes)
        .flat_map(|number| kinds.iter().copied().map(move |kind| Point::Fault(kind, number)))
        .collect();
    tried(baseline, &points, share, &format!("disturbed: {writes} calls in {} ways", kinds.len()));
}

/// Tries the points that this run is to try, several at a time.
fn tried(baseline: &Baseline, points: &[Point], share: usize, told: &str) {
    let since = Instant::now();
    let chosen = chosen(points, share);
    let (next, missed, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(point) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) {
            let tried = std::panic::AssertUnwindSafe(|| baseline.holds_at(*point));
            match std::panic::catch_unwind(tried) {
                Ok(true) => {}
                Ok(false) => drop(missed.fetch_add(1, Ordering::SeqCst)),
                Err(_) => failed.lock().unwrap().push(*point),
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get() + 1);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().unwrap();
    // Past the harness, which keeps what a test that passes prints.
    let _closed = writeln!(
        std::io::stderr(),
        "\n{} points of {} tried ({} % share), {:?} {told}; {} were not reached, {} failed, {} s",
        chosen.len(),
        points.len(),
        100 * chosen.len() / points.len().max(1),
        baseline.verb,
        missed.into_inner(),
        failed.len(),
        since.elapsed().as_secs()
    );
    assert!(failed.is_empty(), "{failed:?}");
}

/// All points with `CRASH_MATRIX=all`; otherwise a share of them by a seed.
fn chosen(points: &[Point], share: usize) -> Vec<Point> {
    let variable = |name: &str| std::env::var(name).ok();
    if variable("CRASH_MATRIX").is_some_and(|what| what == "all") {
        return points.to_vec();
    }
    let seed: usize = variable("CRASH_MATRIX_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut stride = points.len().div_ceil(share).max(1);
    // Moments and faults come in turn: a stride that they divide would meet the same ones each time.
    while [2, 3, 5].iter().any(|factor| stride.is_multiple_of(*factor)) {
        stride += 1;
    }
    points.iter().copied().skip(seed % stride).step_by(stride).collect()
}
