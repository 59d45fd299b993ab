//! Time, as the engine sees it: a timer to wait on, and the time of day for the journal.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::provider::{Clock as Timer, SystemClock};

/// The engine's clock.
#[derive(Clone)]
pub struct Clock {
    timer: Arc<dyn Timer>,
    of_day: fn() -> Timestamp,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock::default()), Timestamp::now)
    }

    /// A clock of one's own.
    pub fn new(timer: Arc<dyn Timer>, of_day: fn() -> Timestamp) -> Self {
        Self { timer, of_day }
    }

    /// The time of day.
    pub fn of_day(&self) -> Timestamp {
        (self.of_day)()
    }

    /// The time on the timer.
    pub fn now(&self) -> Duration {
        self.timer.now()
    }

    /// The time since an earlier [`Clock::now`].
    pub fn since(&self, earlier: Duration) -> Duration {
        self.timer.now().saturating_sub(earlier)
    }

    /// Waits.
    pub async fn sleep(&self, time: Duration) {
        self.timer.sleep(time).await;
    }
}
