//! Sprig's dates and durations.

use std::rc::Rc;

use super::layout::format;
use super::signature::{Arguments, Function, Outcome, Type};
use super::times::{duration, parse, zone};
use crate::chart::host::Host;
use crate::chart::template::{Execution, Fault, Integer, Native, Object, Time, Zone, duration_text};

use Type::{Any, Text as Str, Time as When};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::engine("now", &[], |e, _| Ok(time(now(e)))),
    Function::engine("ago", &[Any], ago),
    Function::engine("date", &[Str, Any], |e, a| in_zone(e, &a.text(0).lossy(), a.any(1), "Local")),
    Function::engine("date_in_zone", &[Str, Any, Str], date_in_zone),
    Function::engine("dateInZone", &[Str, Any, Str], date_in_zone),
    Function::engine("htmlDate", &[Any], |e, a| in_zone(e, "2006-01-02", a.any(0), "Local")),
    Function::engine("htmlDateInZone", &[Any, Str], |e, a| {
        in_zone(e, "2006-01-02", a.any(0), &a.text(1).lossy())
    }),
    Function::pure("date_modify", &[Str, When], |a| Ok(modified(a).unwrap_or_else(|_| a.any(1).clone()))),
    Function::pure("dateModify", &[Str, When], |a| Ok(modified(a).unwrap_or_else(|_| a.any(1).clone()))),
    Function::pure("must_date_modify", &[Str, When], |a| Ok(modified(a)?)),
    Function::pure("mustDateModify", &[Str, When], |a| Ok(modified(a)?)),
    Function::engine("toDate", &[Str, Str], |e, a| Ok(time(read(e, a).unwrap_or_else(Time::zero)))),
    Function::engine("mustToDate", &[Str, Str], must_to_date),
    Function::pure("unixEpoch", &[When], |a| Ok(a.time(0).seconds.to_string().into())),
    Function::pure("duration", &[Any], seconds_text),
    Function::engine("durationRound", &[Any], rounded),
];

fn time(time: Time) -> Object {
    Native::Time(Rc::new(time)).into()
}

fn now(execution: &Execution<'_>) -> Time {
    let host = execution.host();
    let (seconds, nanos) = host.now();
    Time { seconds, nanos, zone: local(host) }
}

fn local(host: &dyn Host) -> Zone {
    zone("Local", host.time_zone()).unwrap_or(Zone::Utc)
}

/// The time that Sprig sees in a value: a time, or seconds since 1970 in an integer; otherwise now.
fn moment(execution: &Execution<'_>, value: &Object) -> Time {
    match value {
        Object::Native(Native::Time(time)) => (**time).clone(),
        Object::Int(Integer::Int | Integer::Int64, seconds) => Time::utc(*seconds, 0),
        _ => now(execution),
    }
}

fn in_zone(execution: &Execution<'_>, layout: &str, value: &Object, name: &str) -> Outcome {
    let mut time = moment(execution, value);
    time.zone = zone(name, execution.host().time_zone()).unwrap_or(Zone::Utc);
    Ok(format(&time, layout).into())
}

fn date_in_zone(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    in_zone(execution, &a.text(0).lossy(), a.any(1), &a.text(2).lossy())
}

fn modified(a: &[Object]) -> Result<Object, String> {
    let nanos = duration(&a.text(0).lossy())?;
    Ok(time(a.time(1).plus(nanos)))
}

fn read(execution: &Execution<'_>, a: &[Object]) -> Option<Time> {
    parse(&a.text(0).lossy(), &a.text(1).lossy(), execution.host().time_zone())
}

fn must_to_date(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let (layout, text) = (a.text(0), a.text(1));
    let read = read(execution, a).map(time);
    read.ok_or_else(|| {
        Fault::from(format!("parsing time {:?} as {:?}: cannot parse", text.lossy(), layout.lossy()))
    })
}

/// Rounds to whole seconds, halves away from zero.
fn whole_seconds(nanos: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let rest = nanos % SECOND;
    let down = nanos - rest;
    if rest.abs() * 2 >= SECOND { down.saturating_add(SECOND * rest.signum()) } else { down }
}

fn ago(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let since = now(execution).since(&moment(execution, a.any(0)));
    Ok(duration_text(whole_seconds(since)).into())
}

fn seconds_text(a: &[Object]) -> Outcome {
    let seconds = match a.any(0) {
        Object::Text(text) => plain_int(&text.lossy()),
        Object::Int(Integer::Int64, seconds) => *seconds,
        _ => 0,
    };
    Ok(duration_text(seconds.wrapping_mul(1_000_000_000)).into())
}

/// `strconv.ParseInt(text, 10, 64)` without its error.
fn plain_int(text: &str) -> i64 {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

/// The largest unit of which there is more than one.
fn rounded(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let nanos = match a.any(0) {
        Object::Text(text) => duration(&text.lossy()).unwrap_or(0),
        Object::Int(Integer::Int64, nanos) => *nanos,
        Object::Native(Native::Time(time)) => now(execution).since(time),
        _ => 0,
    };
    const HOUR: u64 = 3_600_000_000_000;
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
    ];
    let size = nanos.unsigned_abs();
    let found = units.iter().find(|(unit, _)| size > *unit);
    Ok(found.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit)).into())
}
