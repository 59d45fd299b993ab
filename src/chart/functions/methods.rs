//! The methods that templates can call on Helm's and Sprig's values.

use std::rc::Rc;

use super::files;
use super::layout::format;
use super::signature::{Arguments, Function, Outcome, Run, Type};
use crate::chart::semver::Version;
use crate::chart::template::{
    Element, Integer, Map, Native, Object, Shape, Time, Zone, duration_text, month_name, weekday_name,
};
use crate::chart::yaml;

use Type::{Duration, Int, Text as Str, Time as When};

const VALUES: &[Function] = &[
    Function::pure("AsMap", &[], |a| Ok(a.map(0).reshaped(Shape::Any).into())),
    Function::pure("YAML", &[], values_yaml),
    Function::pure("Table", &[Str], |a| Ok(table(a.map(0), &a.text(1).lossy())?.into())),
    Function::pure("PathValue", &[Str], path_value),
];

const FILES: &[Function] = &[
    Function::metered("Get", &[Str], files::get),
    Function::metered("GetBytes", &[Str], files::get_bytes),
    Function::metered("Lines", &[Str], files::lines),
    Function::metered("Glob", &[Str], files::glob),
    Function::metered("AsConfig", &[], files::as_config),
    Function::metered("AsSecrets", &[], files::as_secrets),
];

const API_VERSIONS: &[Function] = &[Function::pure("Has", &[Str], has_version)];

const CAPABILITIES: &[Function] = &[Function::pure("Copy", &[], |a| Ok(a.any(0).clone()))];

const KUBE_VERSION: &[Function] = &[
    Function::pure("String", &[], |a| Ok(kube(a, |version| &version.normalized))),
    Function::pure("GitVersion", &[], |a| Ok(kube(a, |version| &version.version))),
];

const VERSION: &[Function] = &[
    Function::pure("Major", &[], |a| Ok(semver(a, |version| Object::uint64(version.major)))),
    Function::pure("Minor", &[], |a| Ok(semver(a, |version| Object::uint64(version.minor)))),
    Function::pure("Patch", &[], |a| Ok(semver(a, |version| Object::uint64(version.patch)))),
    Function::pure("Prerelease", &[], |a| Ok(semver(a, |version| version.prerelease.as_str().into()))),
    Function::pure("Metadata", &[], |a| Ok(semver(a, |version| version.metadata.as_str().into()))),
    Function::pure("Original", &[], |a| Ok(semver(a, |version| version.original().into()))),
    Function::pure("String", &[], |a| Ok(semver(a, |version| version.to_string().into()))),
    Function::pure("Compare", &[Type::Version], |a| Ok(compared(a, |order| Object::int(order as i64)))),
    Function::pure("Equal", &[Type::Version], |a| Ok(compared(a, |order| order.is_eq().into()))),
    Function::pure("LessThan", &[Type::Version], |a| Ok(compared(a, |order| order.is_lt().into()))),
    Function::pure("LessThanEqual", &[Type::Version], |a| Ok(compared(a, |order| order.is_le().into()))),
    Function::pure("GreaterThan", &[Type::Version], |a| Ok(compared(a, |order| order.is_gt().into()))),
    Function::pure("GreaterThanEqual", &[Type::Version], |a| Ok(compared(a, |order| order.is_ge().into()))),
];

const TIME: &[Function] = &[
    Function::pure("Unix", &[], |a| Ok(Object::int64(a.time(0).seconds))),
    Function::pure("UnixMilli", &[], |a| Ok(Object::int64(unix(a, 1_000_000)))),
    Function::pure("UnixMicro", &[], |a| Ok(Object::int64(unix(a, 1_000)))),
    Function::pure("UnixNano", &[], |a| Ok(Object::int64(unix(a, 1)))),
    Function::pure("Year", &[], |a| Ok(Object::int(a.time(0).civil().year))),
    Function::pure("Month", &[], |a| Ok(Object::Int(Integer::Month, a.time(0).civil().month))),
    Function::pure("Day", &[], |a| Ok(Object::int(a.time(0).civil().day))),
    Function::pure("Hour", &[], |a| Ok(Object::int(a.time(0).civil().hour))),
    Function::pure("Minute", &[], |a| Ok(Object::int(a.time(0).civil().minute))),
    Function::pure("Second", &[], |a| Ok(Object::int(a.time(0).civil().second))),
    Function::pure("Nanosecond", &[], |a| Ok(Object::int(i64::from(a.time(0).nanos)))),
    Function::pure("Weekday", &[], |a| Ok(Object::Int(Integer::Weekday, a.time(0).civil().weekday))),
    Function::pure("YearDay", &[], |a| Ok(Object::int(a.time(0).civil().year_day))),
    Function::pure("Format", &[Str], |a| Ok(format(&a.time(0), &a.text(1).lossy()).into())),
    Function::pure("String", &[], |a| Ok(a.time(0).to_string().into())),
    Function::pure("IsZero", &[], |a| Ok(a.time(0).is_zero().into())),
    Function::pure("UTC", &[], |a| Ok(shown_in(&a.time(0), Zone::Utc))),
    Function::pure("Before", &[When], |a| Ok((instant(a, 0) < instant(a, 1)).into())),
    Function::pure("After", &[When], |a| Ok((instant(a, 0) > instant(a, 1)).into())),
    Function::pure("Equal", &[When], |a| Ok((instant(a, 0) == instant(a, 1)).into())),
    Function::pure("Compare", &[When], |a| Ok(Object::int(instant(a, 0).cmp(&instant(a, 1)) as i64))),
    Function::pure("Sub", &[When], |a| Ok(Object::Int(Integer::Duration, a.time(0).since(&a.time(1))))),
    Function::pure("Add", &[Duration], |a| Ok(Native::Time(Rc::new(a.time(0).plus(a.int(1)))).into())),
    Function::pure("AddDate", &[Int, Int, Int], add_date),
];

const DURATION: &[Function] = &[
    Function::pure("Nanoseconds", &[], |a| Ok(Object::int64(a.int(0)))),
    Function::pure("Microseconds", &[], |a| Ok(Object::int64(a.int(0) / 1_000))),
    Function::pure("Milliseconds", &[], |a| Ok(Object::int64(a.int(0) / 1_000_000))),
    Function::pure("Seconds", &[], |a| Ok(in_units(a.int(0), 1_000_000_000))),
    Function::pure("Minutes", &[], |a| Ok(in_units(a.int(0), 60_000_000_000))),
    Function::pure("Hours", &[], |a| Ok(in_units(a.int(0), 3_600_000_000_000))),
    Function::pure("String", &[], |a| Ok(duration_text(a.int(0)).into())),
    Function::pure("Abs", &[], |a| Ok(Object::Int(Integer::Duration, a.int(0).saturating_abs()))),
];

const MONTH: &[Function] = &[Function::pure("String", &[], |a| Ok(month_name(a.int(0)).into()))];

const WEEKDAY: &[Function] = &[Function::pure("String", &[], |a| Ok(weekday_name(a.int(0)).into()))];

/// The method of that name; its first argument is the receiver.
pub(crate) fn method(receiver: &Object, name: &str) -> Option<&'static Function> {
    let table = match receiver {
        Object::Map(map) if map.shape() == Shape::Values => VALUES,
        Object::Map(map) if map.shape() == Shape::Files => FILES,
        Object::List(list) if list.element() == Element::Versions => API_VERSIONS,
        Object::Native(Native::Capabilities(_)) => CAPABILITIES,
        Object::Native(Native::KubeVersion(_, true)) => KUBE_VERSION,
        Object::Native(Native::Version(_)) => VERSION,
        Object::Native(Native::Time(_)) => TIME,
        Object::Int(Integer::Duration, _) => DURATION,
        Object::Int(Integer::Month, _) => MONTH,
        Object::Int(Integer::Weekday, _) => WEEKDAY,
        _ => return None,
    };
    debug_assert!(
        table.iter().all(|method| !matches!(method.run, Run::ShortCircuit(_))),
        "methods are called"
    );
    table.iter().find(|method| method.name == name)
}

fn values_yaml(a: &[Object]) -> Outcome {
    let value = a.any(0).to_value().map_err(|error| error.to_string())?;
    Ok(yaml::write(&value).map_err(|error| error.to_string())?.into())
}

fn table(mut map: Map, path: &str) -> Result<Map, String> {
    for name in path.split('.') {
        match map.get(name) {
            Some(Object::Map(inner)) if matches!(inner.shape(), Shape::Any | Shape::Values) => {
                map = inner.reshaped(Shape::Values);
            }
            _ => return Err(format!("{name:?} is not a table")),
        }
    }
    Ok(map)
}

fn path_value(a: &[Object]) -> Outcome {
    let path = a.text(1);
    let path = path.lossy();
    if path.is_empty() {
        return Err("YAML path cannot be empty".into());
    }
    let (tables, key) = path.rsplit_once('.').map_or((None, &*path), |(tables, key)| (Some(tables), key));
    let none = || format!("{key:?} is not a value");
    let map = match tables {
        Some(tables) => table(a.map(0), tables).map_err(|_| none())?,
        None => a.map(0),
    };
    match map.get(key) {
        Some(Object::Map(inner)) if inner.shape() == Shape::Any => Err(none().into()),
        Some(value) => Ok(value),
        None => Err(none().into()),
    }
}

fn has_version(a: &[Object]) -> Outcome {
    let wanted = a.text(1);
    let found = match a.any(0) {
        Object::List(list) => list.items().iter().any(|item| item.as_text() == Some(&wanted)),
        _ => false,
    };
    Ok(found.into())
}

fn kube(a: &[Object], part: fn(&crate::chart::template::KubeVersion) -> &String) -> Object {
    match a.any(0) {
        Object::Native(Native::KubeVersion(version, _)) => part(version).as_str().into(),
        _ => Object::Nil,
    }
}

fn semver(a: &[Object], part: fn(&Version) -> Object) -> Object {
    match a.any(0) {
        Object::Native(Native::Version(version)) => part(version),
        _ => Object::Nil,
    }
}

fn compared(a: &[Object], part: fn(std::cmp::Ordering) -> Object) -> Object {
    match (a.any(0), a.any(1)) {
        (Object::Native(Native::Version(left)), Object::Native(Native::Version(right))) => {
            part(left.cmp(right))
        }
        _ => Object::Nil,
    }
}

fn instant(a: &[Object], at: usize) -> (i64, u32) {
    let time = a.time(at);
    (time.seconds, time.nanos)
}

fn unix(a: &[Object], unit: i64) -> i64 {
    let time = a.time(0);
    let per_second = 1_000_000_000 / unit;
    time.seconds.wrapping_mul(per_second).wrapping_add(i64::from(time.nanos) / unit)
}

fn shown_in(time: &Time, zone: Zone) -> Object {
    Native::Time(Rc::new(Time { zone, ..time.clone() })).into()
}

fn add_date(a: &[Object]) -> Outcome {
    let time = a.time(0);
    let civil = time.civil();
    let bounded = |number: i64| number.clamp(-1_000_000, 1_000_000);
    let from = crate::chart::template::days_of(civil.year, civil.month, civil.day);
    let to = crate::chart::template::days_of(
        civil.year + bounded(a.int(1)),
        civil.month + bounded(a.int(2)),
        civil.day + bounded(a.int(3)),
    );
    let seconds = time.seconds + (to - from) * 86_400;
    Ok(Native::Time(Rc::new(Time { seconds, ..(*time).clone() })).into())
}

/// Go divides whole units and the rest apart, which keeps precision.
fn in_units(nanos: i64, unit: i64) -> Object {
    ((nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::functions::versions;

    #[test]
    fn versions_have_their_parts() {
        let version = Object::from(Native::Version(Rc::new(versions::version("v1.2-rc.1+b").unwrap())));
        let minor = method(&version, "Minor").unwrap();
        let Run::Pure(run) = minor.run else { panic!("a pure method") };
        assert!(matches!(run(std::slice::from_ref(&version)), Ok(Object::Int(Integer::Uint64, 2))));
        assert!(method(&version, "IncMajor").is_none());
    }
}
