//! How fast calls go out: a token bucket a service and sort of call, slower while the service says so.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::call::Operation;
use super::service::{Rate, Service};

/// Whether the documented rates are kept from the first call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// They are: right for AWS, whose account others use too.
    #[default]
    Documented,
    /// They are kept only from the moment the service throttles: for endpoints that are nobody else's.
    OnceThrottled,
}

type Key = (Service, bool, &'static str);

/// The buckets of all services.
#[derive(Debug)]
pub(super) struct Pacer {
    pacing: Pacing,
    buckets: Mutex<BTreeMap<Key, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    /// Below zero when calls are already waiting for tokens to come.
    tokens: f64,
    updated: Duration,
    /// The share of the rate that is used: halved at each throttling, won back slowly.
    share: f64,
    kept: bool,
}

impl Pacer {
    pub(super) fn new(pacing: Pacing) -> Self {
        Self { pacing, buckets: Mutex::new(BTreeMap::new()) }
    }

    /// Takes a token, and tells how long to wait before the call may go out.
    pub(super) fn reserve(&self, operation: Operation, now: Duration) -> Duration {
        self.with(operation, now, |bucket| bucket.reserve(now))
    }

    /// The service took the call.
    pub(super) fn accepted(&self, operation: Operation, now: Duration) {
        self.with(operation, now, |bucket| bucket.share = (bucket.share * 1.05).min(1.0));
    }

    /// The service said that calls come too fast.
    pub(super) fn throttled(&self, operation: Operation, now: Duration) {
        self.with(operation, now, |bucket| {
            bucket.kept = true;
            bucket.share = (bucket.share / 2.0).max(1.0 / 16.0);
            bucket.tokens = bucket.tokens.min(1.0);
            bucket.updated = now;
        });
    }

    fn with<T>(&self, operation: Operation, now: Duration, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let Operation { service, name, repeat: _ } = operation;
        let writes = operation.writes();
        let key = (service, writes, if service.counts_each_operation() { name } else { "" });
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(key).or_insert_with(|| {
            let rate = service.rate(writes);
            Bucket {
                rate,
                tokens: rate.burst,
                updated: now,
                share: 1.0,
                kept: self.pacing == Pacing::Documented,
            }
        });
        act(bucket)
    }
}

impl Bucket {
    fn reserve(&mut self, now: Duration) -> Duration {
        if !self.kept {
            return Duration::ZERO;
        }
        let rate = self.rate.per_second * self.share;
        let passed = now.saturating_sub(self.updated).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(self.rate.burst) - 1.0;
        self.updated = now;
        Duration::from_secs_f64((-self.tokens).max(0.0) / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::aws::call::Repeat;

    const WRITE: Operation =
        Operation { service: Service::Ec2, name: "CreateTags", repeat: Repeat::Converge };
    const START: Duration = Duration::from_secs(10);

    fn seconds_for(pacer: &Pacer, calls: u32, now: Duration) -> f64 {
        (0..calls).map(|_| pacer.reserve(WRITE, now)).max().unwrap().as_secs_f64()
    }

    #[test]
    fn a_burst_goes_out_at_once_and_the_rest_at_the_documented_rate() {
        let pacer = Pacer::new(Pacing::Documented);
        assert_eq!(seconds_for(&pacer, 50, START), 0.0);
        assert_eq!(seconds_for(&pacer, 10, START), 2.0);
        assert_eq!(seconds_for(&pacer, 1, START + Duration::from_secs(2)), 0.2);
    }

    #[test]
    fn operations_of_ec2_do_not_wait_for_each_other() {
        let pacer = Pacer::new(Pacing::Documented);
        seconds_for(&pacer, 60, START);
        let other = Operation { name: "CreateVpc", ..WRITE };
        assert_eq!(pacer.reserve(other, START), Duration::ZERO);
    }

    #[test]
    fn throttling_slows_down_and_success_speeds_up_again() {
        let pacer = Pacer::new(Pacing::OnceThrottled);
        assert_eq!(seconds_for(&pacer, 1000, START), 0.0);
        pacer.throttled(WRITE, START);
        assert_eq!(seconds_for(&pacer, 2, START), 0.4);
        for _ in 0..20 {
            pacer.accepted(WRITE, START);
        }
        let later = START + Duration::from_secs(100);
        assert_eq!(seconds_for(&pacer, 55, later), 1.0);
    }
}
