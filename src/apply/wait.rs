//! The one waiting loop.

use std::time::Duration;

use super::clock::Clock;

/// What a look says to a wait.
pub(super) enum Look<T> {
    /// It is over.
    Done(T),
    /// Not yet; what it waits for.
    Again(String),
}

/// How a wait looks and how long.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// The longest time between two looks.
    pub(super) interval: Duration,
    /// After this long it is given up.
    pub(super) timeout: Duration,
}

/// How a wait ended without success.
pub(super) enum Ended<E> {
    /// A look failed.
    Error(E),
    /// Time is up: how long was waited, and for what.
    TimedOut(Duration, String),
}

/// The shortest time between two looks.
const SHORTEST: Duration = Duration::from_millis(50);

/// Looks until it is done. The time between looks grows with the time waited (a fortieth of it, up to the pace's
/// interval): at most 2.5 % is lost at the end of a wait, 1.3 % on average, and a cluster's nine minutes take about 260
/// looks.
pub(super) async fn until<T, E, F>(
    clock: &Clock,
    pace: Pace,
    mut look: impl FnMut() -> F,
    mut waiting: impl FnMut(&str),
) -> Result<T, Ended<E>>
where
    F: Future<Output = Result<Look<T>, E>>,
{
    let start = clock.now();
    loop {
        let why = match look().await.map_err(Ended::Error)? {
            Look::Done(value) => return Ok(value),
            Look::Again(why) => why,
        };
        waiting(&why);
        let waited = clock.since(start);
        if waited >= pace.timeout {
            return Err(Ended::TimedOut(waited, why));
        }
        clock.sleep((waited / 40).clamp(SHORTEST, pace.interval.max(SHORTEST))).await;
    }
}
