//! Time in the world: what it is, and how long things take.
//!
//! The world never asks the operating system for the time: the server hands in the wall time with each call, and
//! the clock turns it into world time. So a recorded call replayed with its wall time does exactly the same again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// As an output value: seconds, with a fraction where there is one.
    pub fn value(self) -> Value {
        if self.0 % 1000 == 0 {
            return Value::from(self.0 / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit in 2^52")]
        Value::from(self.0 as f64 / 1000.0)
    }

    /// `2026-01-31T12:34:56.789Z`.
    pub fn iso(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// By a pattern of strftime, in UTC.
    pub fn format(self, pattern: &str) -> String {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        moment.strftime(pattern).to_string()
    }

    /// Later by so many seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1000)
    }
}

/// How progress passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// A transitional state shows on one describe and then ends; no time has to pass.
    Instant,
    /// Everything takes as long as it typically does on AWS, with some spread.
    Realistic,
    /// As realistic, but the world's time runs this many times faster than the wall's.
    Scaled(u32),
}

impl std::str::FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "instant" => Ok(Self::Instant),
            "realistic" => Ok(Self::Realistic),
            _ => match text.strip_prefix("scaled=").and_then(|factor| factor.parse().ok()) {
                Some(factor) if factor > 0 => Ok(Self::Scaled(factor)),
                _ => Err(format!("`{text}` is no clock: use instant, realistic or scaled=N")),
            },
        }
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instant => formatter.write_str("instant"),
            Self::Realistic => formatter.write_str("realistic"),
            Self::Scaled(factor) => write!(formatter, "scaled={factor}"),
        }
    }
}

/// The clock of a world: maps wall time to world time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// How progress passes.
    pub pace: Pace,
    wall: i64,
    world: i64,
}

impl Clock {
    /// A clock that shows the wall time at the moment `wall`.
    pub fn new(pace: Pace, wall: Time) -> Self {
        Self { pace, wall: wall.0, world: wall.0 }
    }

    /// The world time at a wall time.
    pub fn at(&self, wall: Time) -> Time {
        let factor = match self.pace {
            Pace::Scaled(factor) => i64::from(factor),
            Pace::Instant | Pace::Realistic => 1,
        };
        Time(self.world + (wall.0 - self.wall).max(0) * factor)
    }

    /// Changes the pace from now on, without a jump in world time.
    pub fn set_pace(&mut self, pace: Pace, wall: Time) {
        let now = self.at(wall);
        *self = Self { pace, wall: wall.0, world: now.0 };
    }

    /// Moves world time forward by so many milliseconds.
    pub fn advance(&mut self, millis: i64) {
        self.world += millis.max(0);
    }
}
