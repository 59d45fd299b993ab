//! Points in time and durations as Go's `time` package has them.

use std::fmt;

use jiff::tz::TimeZone;

/// A point in time with the zone it is shown in.
#[derive(Clone, Debug)]
pub struct Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) seconds: i64,
    /// Nanoseconds within the second.
    pub(crate) nanos: u32,
    pub(crate) zone: Zone,
}

/// Where a time is shown.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    Utc,
    /// A zone with rules, from the database.
    Rules(TimeZone),
    /// An offset in seconds with a name (which may be empty), from a parsed time.
    Fixed(i32, String),
}

/// A time on the calendar and the clock of its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) nanos: u32,
    /// 0 is Sunday.
    pub(crate) weekday: i64,
    /// From 1.
    pub(crate) year_day: i64,
    /// Seconds east of UTC.
    pub(crate) offset: i64,
    pub(crate) abbreviation: String,
}

/// The zones that the Go library for TOML gives to what has none.
pub(crate) const LOCAL_DATE_TIME: &str = "datetime-local";
/// See [`LOCAL_DATE_TIME`].
pub(crate) const LOCAL_DATE: &str = "date-local";
/// See [`LOCAL_DATE_TIME`].
pub(crate) const LOCAL_TIME: &str = "time-local";

const DAY: i64 = 86_400;
/// Go's zero time, 0001-01-01T00:00:00Z.
const ZERO: i64 = -62_135_596_800;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The full English name of a month, from 1.
pub(crate) fn month_name(month: i64) -> String {
    let known = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at));
    known.map_or_else(|| format!("%!Month({month})"), |name| (*name).to_owned())
}

/// The full English name of a day of the week, from 0 for Sunday.
pub(crate) fn weekday_name(day: i64) -> String {
    let known = usize::try_from(day).ok().and_then(|at| DAYS.get(at));
    known.map_or_else(|| format!("%!Weekday({day})"), |name| (*name).to_owned())
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; months and days may overflow.
pub(crate) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

impl Time {
    /// A point in time, shown in UTC.
    pub(crate) fn utc(seconds: i64, nanos: u32) -> Self {
        Self { seconds, nanos, zone: Zone::Utc }
    }

    /// Go's zero time.
    pub(crate) fn zero() -> Self {
        Self::utc(ZERO, 0)
    }

    /// Whether this is Go's zero time.
    pub(crate) fn is_zero(&self) -> bool {
        self.seconds == ZERO && self.nanos == 0
    }

    /// The offset in seconds and the abbreviation of the zone at this time.
    fn offset(&self) -> (i64, String) {
        match &self.zone {
            Zone::Utc => (0, "UTC".to_owned()),
            Zone::Fixed(offset, name) => (i64::from(*offset), name.clone()),
            Zone::Rules(zone) => match jiff::Timestamp::from_second(self.seconds) {
                Ok(timestamp) => {
                    let info = zone.to_offset_info(timestamp);
                    (i64::from(info.offset().seconds()), info.abbreviation().to_owned())
                }
                Err(_) => (0, "UTC".to_owned()),
            },
        }
    }

    /// The calendar and clock of the zone.
    pub(crate) fn civil(&self) -> Civil {
        let (offset, abbreviation) = self.offset();
        let local = self.seconds.saturating_add(offset);
        let (days, clock) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        Civil {
            year,
            month,
            day,
            hour: clock / 3_600,
            minute: clock / 60 % 60,
            second: clock % 60,
            nanos: self.nanos,
            weekday: (days + 4).rem_euclid(7),
            year_day: days - days_of(year, 1, 1) + 1,
            offset,
            abbreviation,
        }
    }

    /// The time a number of nanoseconds later.
    pub(crate) fn plus(&self, nanos: i64) -> Self {
        let total = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        let seconds = self.seconds.saturating_add(nanos.div_euclid(1_000_000_000));
        Self {
            seconds: seconds.saturating_add(total / 1_000_000_000),
            nanos: (total % 1_000_000_000) as u32,
            zone: self.zone.clone(),
        }
    }

    /// Nanoseconds from `earlier` to here, at most what fits (about 292 years).
    pub(crate) fn since(&self, earlier: &Self) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(earlier.seconds);
        let nanos = seconds * 1_000_000_000 + i128::from(self.nanos) - i128::from(earlier.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// RFC 3339 with as many decimals as needed: what JSON shows.
    pub(crate) fn rfc3339(&self) -> String {
        crate::chart::functions::layout::format(self, "2006-01-02T15:04:05.999999999Z07:00")
    }
}

impl Time {
    /// As TOML has it; what was read from a local date or time is written as one again.
    pub(crate) fn toml(&self) -> String {
        let layout = match &self.zone {
            Zone::Fixed(_, name) if name == LOCAL_DATE_TIME => "2006-01-02T15:04:05.999999999",
            Zone::Fixed(_, name) if name == LOCAL_DATE => "2006-01-02",
            Zone::Fixed(_, name) if name == LOCAL_TIME => "15:04:05.999999999",
            _ => return self.rfc3339(),
        };
        crate::chart::functions::layout::format(self, layout)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&crate::chart::functions::layout::format(
            self,
            "2006-01-02 15:04:05.999999999 -0700 MST",
        ))
    }
}

/// `1h2m3.5s`: how Go prints a duration of nanoseconds.
pub(crate) fn duration_text(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    if size == 0 {
        return "0s".to_owned();
    }
    if size < 1_000_000_000 {
        let (unit, name) = match size {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return format!("{sign}{}{name}", with_fraction(size, unit));
    }
    let minutes = size / 60_000_000_000;
    let seconds = with_fraction(size % 60_000_000_000, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn with_fraction(size: u64, unit: u64) -> String {
    let mut text = (size / unit).to_string();
    if !size.is_multiple_of(unit) {
        let width = unit.ilog10() as usize;
        let fraction = format!("{:0width$}", size % unit);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_goes_there_and_back() {
        for days in (-800_000..800_000).step_by(97) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_of(year, month, day), days);
        }
        assert_eq!(days_of(2024, 14, 31), days_of(2025, 3, 3));
    }

    #[test]
    fn durations_print_as_in_go() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"),
            (18_367_000_000_000, "5h6m7s"),
            (-3_600_000_000_000, "-1h0m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(duration_text(nanos), text);
        }
    }
}
