//! Go's time layouts (`2006-01-02T15:04:05Z07:00`): the elements and the writing of times.

use crate::chart::template::{Time, month_name, weekday_name};

/// An element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// An offset: its form, and whether UTC is written `Z`.
    Offset(Offset, bool),
    /// A fraction of a second: the separator, the digits, and whether trailing zeros go.
    Fraction(u8, usize, bool),
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset {
    Hours,
    Minutes,
    ColonMinutes,
    Seconds,
    ColonSeconds,
}

const FIXED: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Monday", Element::LongWeekday),
    ("MST", Element::ZoneName),
    ("2006", Element::LongYear),
    ("-07:00:00", Element::Offset(Offset::ColonSeconds, false)),
    ("-070000", Element::Offset(Offset::Seconds, false)),
    ("-07:00", Element::Offset(Offset::ColonMinutes, false)),
    ("-0700", Element::Offset(Offset::Minutes, false)),
    ("-07", Element::Offset(Offset::Hours, false)),
    ("Z07:00:00", Element::Offset(Offset::ColonSeconds, true)),
    ("Z070000", Element::Offset(Offset::Seconds, true)),
    ("Z07:00", Element::Offset(Offset::ColonMinutes, true)),
    ("Z0700", Element::Offset(Offset::Minutes, true)),
    ("Z07", Element::Offset(Offset::Hours, true)),
    ("__2", Element::UnderYearDay),
    ("002", Element::ZeroYearDay),
    ("01", Element::ZeroMonth),
    ("02", Element::ZeroDay),
    ("03", Element::ZeroHour12),
    ("04", Element::ZeroMinute),
    ("05", Element::ZeroSecond),
    ("06", Element::Year),
    ("15", Element::Hour),
    ("1", Element::NumberMonth),
    ("2", Element::Day),
    ("3", Element::Hour12),
    ("4", Element::Minute),
    ("5", Element::Second),
    ("PM", Element::UpperHalf),
    ("pm", Element::LowerHalf),
];

/// The text before the first element, the element, and what follows it.
pub(super) fn next_element(layout: &str) -> (&str, Option<Element>, &str) {
    for (at, _) in layout.char_indices() {
        let rest = &layout[at..];
        if let Some((element, width)) = element_at(rest) {
            // `_2006` is an underscore and a year.
            let skip = usize::from(rest.starts_with("_2006"));
            return (&layout[..at + skip], Some(element), &rest[skip + width..]);
        }
    }
    (layout, None, "")
}

fn element_at(rest: &str) -> Option<(Element, usize)> {
    if rest.starts_with("_2006") {
        return Some((Element::LongYear, 4));
    }
    let lower_follows = |text: &str| text.starts_with(|rune: char| rune.is_ascii_lowercase());
    for (name, element) in FIXED {
        if rest.starts_with(name) {
            return Some((*element, name.len()));
        }
    }
    if rest.starts_with("Jan") && !lower_follows(&rest[3..]) {
        return Some((Element::Month, 3));
    }
    if rest.starts_with("Mon") && !lower_follows(&rest[3..]) {
        return Some((Element::Weekday, 3));
    }
    if rest.starts_with("_2") {
        return Some((Element::UnderDay, 2));
    }
    fraction_at(rest)
}

/// `.000` or `,999`, if no digit follows.
fn fraction_at(rest: &str) -> Option<(Element, usize)> {
    let bytes = rest.as_bytes();
    let separator = *bytes.first().filter(|byte| matches!(byte, b'.' | b','))?;
    let digit = *bytes.get(1).filter(|byte| matches!(byte, b'0' | b'9'))?;
    let count = bytes[1..].iter().take_while(|byte| **byte == digit).count();
    if bytes.get(1 + count).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((Element::Fraction(separator, count, digit == b'9'), 1 + count))
}

/// `time.Format`
pub(crate) fn format(time: &Time, layout: &str) -> String {
    let civil = time.civil();
    let mut out = String::new();
    let mut rest = layout;
    while !rest.is_empty() {
        let (before, element, after) = next_element(rest);
        out.push_str(before);
        rest = after;
        let Some(element) = element else { break };
        let twelve = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
        let piece = match element {
            Element::LongMonth => month_name(civil.month),
            Element::Month => month_name(civil.month)[..3].to_owned(),
            Element::NumberMonth => civil.month.to_string(),
            Element::ZeroMonth => format!("{:02}", civil.month),
            Element::LongWeekday => weekday_name(civil.weekday),
            Element::Weekday => weekday_name(civil.weekday)[..3].to_owned(),
            Element::Day => civil.day.to_string(),
            Element::UnderDay => format!("{:2}", civil.day),
            Element::ZeroDay => format!("{:02}", civil.day),
            Element::UnderYearDay => format!("{:3}", civil.year_day),
            Element::ZeroYearDay => format!("{:03}", civil.year_day),
            Element::Hour => format!("{:02}", civil.hour),
            Element::Hour12 => twelve.to_string(),
            Element::ZeroHour12 => format!("{twelve:02}"),
            Element::Minute => civil.minute.to_string(),
            Element::ZeroMinute => format!("{:02}", civil.minute),
            Element::Second => civil.second.to_string(),
            Element::ZeroSecond => format!("{:02}", civil.second),
            Element::LongYear if civil.year < 0 => format!("-{:04}", -civil.year),
            Element::LongYear => format!("{:04}", civil.year),
            Element::Year => format!("{:02}", civil.year.rem_euclid(100)),
            Element::UpperHalf => if civil.hour >= 12 { "PM" } else { "AM" }.to_owned(),
            Element::LowerHalf => if civil.hour >= 12 { "pm" } else { "am" }.to_owned(),
            Element::ZoneName if civil.abbreviation.is_empty() => {
                offset_text(civil.offset, Offset::Minutes, false)
            }
            Element::ZoneName => civil.abbreviation.clone(),
            Element::Offset(form, utc) => offset_text(civil.offset, form, utc),
            Element::Fraction(separator, digits, trim) => fraction(civil.nanos, separator, digits, trim),
        };
        out.push_str(&piece);
    }
    out
}

fn offset_text(offset: i64, form: Offset, utc: bool) -> String {
    if utc && offset == 0 {
        return "Z".to_owned();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let size = offset.abs();
    let (hours, minutes, seconds) = (size / 3_600, size / 60 % 60, size % 60);
    match form {
        Offset::Hours => format!("{sign}{hours:02}"),
        Offset::Minutes => format!("{sign}{hours:02}{minutes:02}"),
        Offset::ColonMinutes => format!("{sign}{hours:02}:{minutes:02}"),
        Offset::Seconds => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
        Offset::ColonSeconds => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

fn fraction(nanos: u32, separator: u8, digits: usize, trim: bool) -> String {
    let all = format!("{nanos:09}");
    let mut shown = all.get(..digits).unwrap_or(&all);
    if trim {
        shown = shown.trim_end_matches('0');
        if shown.is_empty() {
            return String::new();
        }
    }
    format!("{}{shown}", char::from(separator))
}
