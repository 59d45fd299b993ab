//! Reading, to what the Go library makes of it: integers stay integers, dates and times are times, and a
//! list of `[[tables]]` is a list of maps.

use std::collections::BTreeMap;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Datetime, Offset};

use crate::chart::template::{
    Element, LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME, List, Map, Native, Object, Text, Time, Zone, days_of,
};

/// Why a text is no TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("toml: {0}")]
pub struct NotRead(String);

/// Reads a document: a map, as templates have it.
pub(crate) fn read(text: &str) -> Result<Object, NotRead> {
    let document = DeTable::parse(text).map_err(|error| NotRead(error.to_string()))?;
    table(text, document.get_ref())
}

fn table(source: &str, table: &DeTable<'_>) -> Result<Object, NotRead> {
    let member = |(key, item): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        Ok((Text::from(key.as_ref()), value(source, item)?))
    };
    let members = table.iter().map(member).collect::<Result<BTreeMap<_, _>, NotRead>>()?;
    Ok(Map::any(members).into())
}

fn value(source: &str, item: &Spanned<DeValue<'_>>) -> Result<Object, NotRead> {
    Ok(match item.get_ref() {
        DeValue::String(text) => Object::from(text.as_ref()),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            Object::int64(parsed.map_err(|_| NotRead(format!("{number} is out of range for int64")))?)
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse::<f64>();
            Object::from(parsed.map_err(|error| NotRead(format!("{number}: {error}")))?)
        }
        DeValue::Boolean(truth) => Object::Bool(*truth),
        DeValue::Datetime(date) => Native::Time(Rc::new(time(date))).into(),
        DeValue::Table(members) => table(source, members)?,
        DeValue::Array(items) => {
            // A table in braces starts with one; a `[[table]]` with its header.
            let named = items.iter().next().is_some_and(|first| {
                first.get_ref().is_table() && !source[first.span().start..].starts_with('{')
            });
            let (element, room) = if named { (Element::Map, 4) } else { (Element::Any, 2) };
            let items = items.iter().map(|item| value(source, item)).collect::<Result<_, _>>()?;
            List::collected(element, room, items).into()
        }
    })
}

/// A point in time; what has no date is on the first day of the year 0, what has no zone is in one of its own.
fn time(date: &Datetime) -> Time {
    let day = date.date.map_or_else(
        || days_of(0, 1, 1),
        |date| days_of(i64::from(date.year), i64::from(date.month), i64::from(date.day)),
    );
    let clock = date.time.map_or(0, |time| {
        i64::from(time.hour) * 3_600 + i64::from(time.minute) * 60 + time.second.map_or(0, i64::from)
    });
    let nanos = date.time.and_then(|time| time.nanosecond).unwrap_or(0);
    let zone = match (date.offset, date.date, date.time) {
        (Some(Offset::Z | Offset::Custom { minutes: 0 }), ..) => Zone::Utc,
        (Some(Offset::Custom { minutes }), ..) => Zone::Fixed(i32::from(minutes) * 60, String::new()),
        (None, Some(_), Some(_)) => Zone::Fixed(0, LOCAL_DATE_TIME.to_owned()),
        (None, Some(_), None) => Zone::Fixed(0, LOCAL_DATE.to_owned()),
        (None, None, _) => Zone::Fixed(0, LOCAL_TIME.to_owned()),
    };
    let offset = if let Zone::Fixed(offset, _) = &zone { i64::from(*offset) } else { 0 };
    Time { seconds: day * 86_400 + clock - offset, nanos, zone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_with_their_types() {
        let object = read("a = 1\nb = 1.0\nc = [true]\n[d]\ne = 1979-05-27\n[[f]]\ng = [{h = 1}]\n").unwrap();
        let map = object.as_map().unwrap();
        let types = ["a", "b", "c", "d", "f"].map(|key| map.get(key).unwrap().go_type());
        assert_eq!(
            types,
            ["int64", "float64", "[]interface {}", "map[string]interface {}", "[]map[string]interface {}"]
        );
        let written = super::super::write(&object.to_value().unwrap()).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(
            written,
            "a = 1\nb = 1.0\nc = [true]\n\n[d]\n  e = 1979-05-27\n\n[[f]]\n\n  [[f.g]]\n    h = 1\n"
        );
        assert!(read("a =").is_err());
        assert!(read("a = 99999999999999999999").is_err());
    }
}
