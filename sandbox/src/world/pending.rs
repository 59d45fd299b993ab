//! Progress as data: what is under way, until when, and what happens at its end.
//!
//! An operation that takes time calls [`Call::begin`] and leaves its resource in the transitional state. Before
//! each call the owner of the world ends what is due, by the `complete` function of the service that began it; so
//! a change is seen by every service at the same moment. A describe that shows a transitional state says so with
//! [`Call::shown`].
//!
//! With the instant clock a change ends once it was shown; a removal nobody looks at ends with the first mutating
//! call 200 ms later, because a client may delete without ever asking again.

use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::clock::{Pace, Time};

/// How long an unwatched removal stays in the way under the instant clock, in milliseconds.
const UNWATCHED: i64 = 200;

/// A change under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The service that completes it, by model name.
    pub service: String,
    /// What it is about, in the service's own words; usually the id.
    pub subject: String,
    /// What is happening, in the service's own words.
    pub change: String,
    /// True when the subject is going away.
    pub removal: bool,
    /// When it began.
    pub started: Time,
    /// When it ends, unless the clock is instant.
    pub due: Time,
    /// True once a describe has shown it.
    pub shown: bool,
}

impl Call<'_> {
    /// Begins a change that typically takes so many seconds.
    pub fn begin(&mut self, subject: &str, change: &str, typical_seconds: i64) {
        self.begin_change(subject, change, typical_seconds, false);
    }

    /// Begins a removal that typically takes so many seconds.
    pub fn begin_removal(&mut self, subject: &str, change: &str, typical_seconds: i64) {
        self.begin_change(subject, change, typical_seconds, true);
    }

    fn begin_change(&mut self, subject: &str, change: &str, typical_seconds: i64, removal: bool) {
        let started = self.now;
        let world = self.world_mut();
        let due = Time(started.0 + world.dice.spread(typical_seconds * 1000));
        let key = world.next_sequence();
        let (account, region, service) = (self.account.clone(), self.region.clone(), self.service.to_owned());
        let (subject, change) = (subject.to_owned(), change.to_owned());
        let pending =
            Pending { account, region, service, subject, change, removal, started, due, shown: false };
        self.world_mut().pending.insert(key, pending);
    }

    /// Says that this reply shows the transitional state of `subject`.
    pub fn shown(&mut self, subject: &str) {
        let mine = |call: &Self, pending: &Pending| {
            pending.subject == subject
                && pending.service == call.service
                && pending.account == call.account
                && pending.region == call.region
        };
        let found: Vec<String> = self
            .world()
            .pending
            .iter()
            .filter(|(_, pending)| !pending.shown && mine(self, pending))
            .map(|(key, _)| key.to_owned())
            .collect();
        for key in found {
            if let Some(pending) = self.world_mut().pending.get_mut(&key) {
                pending.shown = true;
            }
        }
    }

    /// True while a change of `subject` is under way.
    pub fn is_pending(&self, subject: &str) -> bool {
        self.world().pending.values().any(|pending| {
            pending.subject == subject
                && pending.service == self.service
                && pending.account == self.account
                && pending.region == self.region
        })
    }

    /// Forgets the changes of `subject` that are under way: it was deleted before they ended.
    pub fn abandon(&mut self, subject: &str) {
        self.abandon_where(|other| other == subject);
    }

    /// As [`Call::abandon`], for all subjects that were deleted with something else.
    pub fn abandon_where(&mut self, gone: impl Fn(&str) -> bool) {
        let (service, account, region) = (self.service, self.account.clone(), self.region.clone());
        let theirs = |pending: &Pending| {
            !gone(&pending.subject)
                || pending.service != service
                || pending.account != account
                || pending.region != region
        };
        if !self.world().pending.values().all(theirs) {
            self.world_mut().pending.retain(|_, pending| theirs(pending));
        }
    }
}

/// The changes that end before a call at `now`, in the order of their beginning.
pub(crate) fn due(world: &super::World, now: Time, mutating: bool) -> Vec<(String, Pending)> {
    let ends = |pending: &Pending| match world.clock.pace {
        Pace::Instant => {
            pending.shown || (pending.removal && mutating && now.0 - pending.started.0 >= UNWATCHED)
        }
        Pace::Realistic | Pace::Scaled(_) => now >= pending.due,
    };
    let rows = world.pending.iter().filter(|(_, pending)| ends(pending));
    rows.map(|(key, pending)| (key.to_owned(), pending.clone())).collect()
}
