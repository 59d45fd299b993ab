//! Every call goes through here: the one layer that paces, times out, repeats and counts.
//!
//! Its laws: a call that is not repeatable goes out again only when it is certain that it had no effect; waiting
//! is bounded, by a limit a reason; between two tries lies a random pause that grows ("Exponential Backoff And
//! Jitter", AWS Architecture Blog: full jitter).

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::count::{Count, Counts};
use super::error::{Effect, Failure};
use super::pacing::{Pacer, Pacing};
use super::service::Service;
use super::settling::{self, Recent};
use crate::model::{CloudId, Kind};
use crate::provider::{Class, Clock, Error, SystemClock};

/// One operation of a service, and what may be done when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    /// The service.
    pub(super) service: Service,
    /// The operation, as the service names it (`CreateVpc`).
    pub(super) name: &'static str,
    /// Whether it may be repeated.
    pub(super) repeat: Repeat,
}

/// Whether a call may be repeated after an answer that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It reads.
    Read,
    /// It changes something, and doing so twice is the same as once (with a client token, too).
    Converge,
    /// It deletes: what is gone stays gone.
    Delete,
    /// Twice would make two.
    Once,
}

impl Operation {
    /// True for what changes something.
    pub(super) fn writes(self) -> bool {
        self.repeat != Repeat::Read
    }
}

/// How long each reason to wait is accepted, counted from the first try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// One try, from sending to the whole answer.
    pub answer: Duration,
    /// The endpoint cannot be reached.
    pub connect: Duration,
    /// The service throttles.
    pub throttled: Duration,
    /// The service fails, or answers are lost.
    pub unavailable: Duration,
    /// Something made a moment ago is not known everywhere yet.
    pub settling: Duration,
    /// Something else is still going on, or is still in the way of a delete.
    pub in_the_way: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            throttled: Duration::from_secs(300),
            unavailable: Duration::from_secs(60),
            settling: Duration::from_secs(120),
            in_the_way: Duration::from_secs(300),
        }
    }
}

/// How calls are made.
#[derive(Clone)]
pub struct CallSettings {
    /// Whether the documented rates are kept from the start.
    pub pacing: Pacing,
    /// How long to wait for what.
    pub patience: Patience,
    /// Where the random pauses start.
    pub seed: u64,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for CallSettings {
    fn default() -> Self {
        let clock = Arc::new(SystemClock::default());
        Self {
            pacing: Pacing::default(),
            patience: Patience::default(),
            seed: u64::from(std::process::id()),
            clock,
        }
    }
}

/// The layer itself.
pub(super) struct Calls {
    settings: CallSettings,
    pacer: Pacer,
    jitter: AtomicU64,
    recent: Mutex<Recent>,
    pub(super) counts: Counts,
}

impl Calls {
    pub(super) fn new(settings: CallSettings) -> Self {
        Self {
            pacer: Pacer::new(settings.pacing),
            jitter: AtomicU64::new(settings.seed),
            recent: Mutex::new(Recent::default()),
            counts: Counts::default(),
            settings,
        }
    }

    /// Remembers that something was made just now: for a while, the service may not know of it everywhere.
    pub(super) fn made(&self, id: &CloudId) {
        let now = self.settings.clock.now();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).add(id.as_str(), now);
    }

    /// Forgets it again: it was deleted.
    pub(super) fn unmade(&self, id: &CloudId) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).remove(id.as_str());
    }

    /// True when it was made so short a time ago that a read may miss it.
    pub(super) fn is_recent(&self, id: &CloudId) -> bool {
        let now = self.settings.clock.now();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).mentions(id.as_str(), now)
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.settings.clock
    }

    /// Makes a call, as often as it takes and is allowed.
    pub(super) async fn run<T, F, Fut>(
        &self,
        operation: Operation,
        kind: Option<Kind>,
        mut call: F,
    ) -> Result<T, Error>
    where
        F: FnMut() -> Fut + Send,
        Fut: Future<Output = Result<T, Failure>> + Send,
        T: Send,
    {
        let clock = &self.settings.clock;
        let started = clock.now();
        for attempt in 0.. {
            self.wait(self.pacer.reserve(operation, clock.now())).await;
            self.count(operation, kind, |count| count.sent += 1);
            let failure = match self.attempt(operation, call()).await {
                Ok(reply) => {
                    self.pacer.accepted(operation, clock.now());
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            self.count(operation, kind, |count| match failure.error.class {
                Class::Throttled => count.throttled += 1,
                _ => count.failed += 1,
            });
            if failure.error.class == Class::Throttled {
                self.pacer.throttled(operation, clock.now());
            }
            let Some(limit) = self.limit(operation, &failure) else {
                return Err(given_up(operation, failure));
            };
            let pause = self.pause(&failure.error, attempt);
            if clock.now().saturating_sub(started) + pause > limit {
                return Err(given_up(operation, failure));
            }
            self.wait(pause).await;
        }
        unreachable!("the loop above ends by returning")
    }

    async fn attempt<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        let limit = self.settings.patience.answer;
        tokio::select! {
            // An answer that is there counts, however late it is looked at.
            biased;
            reply = call => reply,
            () = self.settings.clock.sleep(limit) => Err(Failure::timed_out(operation, limit.as_secs())),
        }
    }

    async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            self.settings.clock.sleep(time).await;
        }
    }

    fn count(&self, operation: Operation, kind: Option<Kind>, act: impl FnOnce(&mut Count)) {
        self.counts.add(operation, kind, act);
    }

    /// How long, from the first try, this failure is worth waiting out; `None` when it is final.
    fn limit(&self, operation: Operation, failure: &Failure) -> Option<Duration> {
        let patience = &self.settings.patience;
        if failure.effect == Effect::Unknown && operation.repeat == Repeat::Once && !refused(&failure.error) {
            return None;
        }
        match failure.error.class {
            Class::Throttled => Some(patience.throttled),
            Class::Unavailable if failure.effect == Effect::None => Some(patience.connect),
            Class::Unavailable | Class::Unanswered => Some(patience.unavailable),
            Class::DependencyViolation if operation.repeat != Repeat::Once => Some(patience.in_the_way),
            Class::Conflict if settling::is_busy(&failure.error) => Some(patience.in_the_way),
            _ if operation.repeat == Repeat::Read => None,
            Class::NotFound if operation.repeat == Repeat::Delete => None,
            _ => self.is_settling(&failure.error).then_some(patience.settling),
        }
    }

    fn is_settling(&self, error: &Error) -> bool {
        let now = self.settings.clock.now();
        settling::is_unknown_principal(error)
            || error.class == Class::NotFound
                && self.recent.lock().unwrap_or_else(PoisonError::into_inner).mentions(&error.message, now)
    }

    /// A random time up to a bound that doubles with each try: short for failures of the way, longer for what
    /// takes the service time.
    fn pause(&self, error: &Error, attempt: u32) -> Duration {
        let (base, most) = match error.class {
            Class::Unavailable | Class::Unanswered => (200, 5_000),
            Class::Throttled => (400, 20_000),
            _ => (1_000, 10_000),
        };
        let bound: u64 = most.min(base << attempt.min(16));
        Duration::from_millis(bound / 10 + self.random() % (bound - bound / 10))
    }

    /// The next random number (SplitMix64, Steele et al. 2014).
    fn random(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.jitter.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// True for failures on the service's side by which it says that it did nothing.
fn refused(error: &Error) -> bool {
    error.class == Class::Throttled
}

/// The error that is handed on: a call that is not repeatable and may have taken effect is unanswered, whatever
/// the service called it.
fn given_up(operation: Operation, failure: Failure) -> Error {
    let Failure { mut error, effect } = failure;
    if operation.repeat == Repeat::Once && effect == Effect::Unknown && error.class == Class::Unavailable {
        error.class = Class::Unanswered;
    }
    error
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::Pin;

    use super::*;

    /// Stands still but for waits, which it jumps over.
    #[derive(Default)]
    struct Jumping(Arc<Mutex<Duration>>);

    impl Clock for Jumping {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let (now, end) = (Arc::clone(&self.0), self.now() + time);
            Box::pin(async move {
                tokio::task::yield_now().await;
                let mut now = now.lock().unwrap();
                *now = end.max(*now);
            })
        }
    }

    const fn operation(repeat: Repeat) -> Operation {
        Operation { service: Service::Ec2, name: "Test", repeat }
    }

    fn calls() -> Calls {
        let clock = Arc::new(Jumping::default());
        Calls::new(CallSettings { seed: 1, clock, ..CallSettings::default() })
    }

    fn refused(code: &str, message: &str) -> Failure {
        Failure::told(operation(Repeat::Read), Some(code), Some(message))
    }

    fn lost() -> Failure {
        Failure::timed_out(operation(Repeat::Read), 1)
    }

    /// Runs a call that fails so often before it succeeds; how it ended, how many were sent, the seconds it took.
    async fn run(
        calls: &Calls,
        repeat: Repeat,
        failures: usize,
        fail: impl Fn() -> Failure + Send + Sync,
    ) -> (Result<(), Class>, usize, u64) {
        let mut sent = 0;
        let ended = calls
            .run(operation(repeat), None, || {
                sent += 1;
                ready(if sent > failures { Ok(()) } else { Err(fail()) })
            })
            .await;
        (ended.map_err(|error| error.class), sent, calls.clock().now().as_secs())
    }

    #[tokio::test]
    async fn what_may_be_repeated_is_repeated_when_no_answer_comes() {
        for repeat in [Repeat::Read, Repeat::Converge, Repeat::Delete] {
            let (ended, sent, _) = run(&calls(), repeat, 3, lost).await;
            assert_eq!((ended, sent), (Ok(()), 4), "{repeat:?}");
        }
        let (ended, _, seconds) = run(&calls(), Repeat::Read, usize::MAX, lost).await;
        assert_eq!(ended, Err(Class::Unanswered));
        assert!((30..=60).contains(&seconds), "{seconds}");
    }

    #[tokio::test]
    async fn what_may_not_be_repeated_goes_out_once_when_it_may_have_had_an_effect() {
        let internal = || Failure { effect: Effect::Unknown, ..refused("InternalError", "") };
        for fail in [&lost as &(dyn Fn() -> Failure + Sync), &internal] {
            let (ended, sent, _) = run(&calls(), Repeat::Once, usize::MAX, fail).await;
            assert_eq!((ended, sent), (Err(Class::Unanswered), 1));
        }
    }

    #[tokio::test]
    async fn throttling_is_waited_out_whatever_the_call() {
        for repeat in [Repeat::Read, Repeat::Converge, Repeat::Delete, Repeat::Once] {
            let calls = calls();
            let fail = || Failure { effect: Effect::Unknown, ..refused("RequestLimitExceeded", "Too many") };
            let (ended, sent, _) = run(&calls, repeat, 4, fail).await;
            assert_eq!((ended, sent), (Ok(()), 5), "{repeat:?}");
            let count = *calls.counts.all().values().next().unwrap();
            assert_eq!(count, Count { sent: 5, throttled: 4, failed: 0 });
        }
    }

    #[tokio::test]
    async fn a_delete_waits_for_what_is_in_the_way_but_not_for_ever() {
        let in_the_way = || refused("DependencyViolation", "has dependencies");
        let (ended, _, _) = run(&calls(), Repeat::Delete, 10, in_the_way).await;
        assert_eq!(ended, Ok(()));
        let (ended, _, seconds) = run(&calls(), Repeat::Delete, usize::MAX, in_the_way).await;
        assert_eq!(ended, Err(Class::DependencyViolation));
        assert!((280..=300).contains(&seconds), "{seconds}");
    }

    #[tokio::test]
    async fn what_was_made_a_moment_ago_is_waited_for_and_nothing_else() {
        let unknown = || refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist");
        let calls = calls();
        let (ended, sent, _) = run(&calls, Repeat::Once, 2, unknown).await;
        assert_eq!((ended, sent), (Err(Class::NotFound), 1));
        calls.made(&"vpc-1".into());
        let (ended, sent, _) = run(&calls, Repeat::Once, 2, unknown).await;
        assert_eq!((ended, sent), (Ok(()), 3));
        let (ended, sent, _) = run(&calls, Repeat::Delete, 2, unknown).await;
        assert_eq!((ended, sent), (Err(Class::NotFound), 1));
        calls.unmade(&"vpc-1".into());
        let (ended, sent, _) = run(&calls, Repeat::Converge, 2, unknown).await;
        assert_eq!((ended, sent), (Err(Class::NotFound), 1));
    }

    #[tokio::test]
    async fn a_role_that_cannot_be_assumed_yet_is_waited_for() {
        let unknown = || refused("InvalidParameterException", "Role with arn arn:x cannot be assumed");
        let (ended, sent, _) = run(&calls(), Repeat::Once, 3, unknown).await;
        assert_eq!((ended, sent), (Ok(()), 4));
        let (ended, _, seconds) = run(&calls(), Repeat::Once, usize::MAX, unknown).await;
        assert_eq!(ended, Err(Class::Invalid));
        assert!(seconds <= 120, "{seconds}");
    }

    #[tokio::test]
    async fn a_call_without_an_answer_ends_by_its_time() {
        let calls = calls();
        let ended = calls.run(operation(Repeat::Once), None, pending::<Result<(), Failure>>).await;
        assert_eq!(ended.unwrap_err().class, Class::Unanswered);
        assert_eq!(calls.clock().now().as_secs(), 60);
    }

    #[tokio::test]
    async fn the_same_seed_waits_the_same() {
        let mut times = Vec::new();
        for _ in 0..2 {
            let calls = calls();
            run(&calls, Repeat::Read, 6, lost).await.0.unwrap();
            times.push(calls.clock().now());
        }
        assert_eq!(times[0], times[1]);
    }
}
